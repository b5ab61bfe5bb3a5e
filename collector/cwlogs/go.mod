module github.com/open-telemetry/opentelemetry-collector-contrib/internal/aws/cwlogs

go 1.25.0

require (
	github.com/aws/aws-sdk-go-v2 v1.42.1
	github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs v1.79.0
	github.com/aws/smithy-go v1.27.3
	go.opentelemetry.io/collector/component v1.62.0
	go.uber.org/zap v1.28.0
)
