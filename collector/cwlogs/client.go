// SPDX-License-Identifier: Apache-2.0

package cwlogs

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
)

// Client writes to CloudWatch Logs.
type Client struct {
	service *cloudwatchlogs.Client
	logger  *zap.Logger
}

// ClientOption would change a client; the exporter gives one for Application Signals alone.
type ClientOption func(*cloudwatchlogs.Options)

// WithUserAgentExtras names more programs in the User-Agent header.
func WithUserAgentExtras(extras ...string) ClientOption {
	return func(options *cloudwatchlogs.Options) {
		for _, extra := range extras {
			options.APIOptions = append(options.APIOptions, awsmiddleware.AddUserAgentKey(extra))
		}
	}
}

// NewClient makes a client. Group, retention and tags say how a log group would be created, which is not done here.
func NewClient(
	logger *zap.Logger,
	config aws.Config,
	build component.BuildInfo,
	_ string,
	_ int32,
	_ map[string]string,
	_ string,
	options ...ClientOption,
) *Client {
	functions := []func(*cloudwatchlogs.Options){func(settings *cloudwatchlogs.Options) {
		settings.APIOptions = append(settings.APIOptions,
			awsmiddleware.AddUserAgentKeyValue(build.Command, build.Version),
			smithyhttp.AddHeaderValue("x-amzn-logs-format", "json/emf"), // as the original says
		)
	}}
	for _, option := range options {
		functions = append(functions, option)
	}
	return &Client{service: cloudwatchlogs.NewFromConfig(config, functions...), logger: logger}
}

// put sends events; when their stream is missing, it is created and they are sent again. The SDK does the retries.
func (client *Client) put(ctx context.Context, key StreamKey, events []types.InputLogEvent) error {
	input := &cloudwatchlogs.PutLogEventsInput{
		LogGroupName:  aws.String(key.LogGroupName),
		LogStreamName: aws.String(key.LogStreamName),
		LogEvents:     events,
	}
	answer, err := client.service.PutLogEvents(ctx, input)
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		if err = client.createStream(ctx, key); err == nil {
			answer, err = client.service.PutLogEvents(ctx, input)
		}
	}
	if err == nil && answer.RejectedLogEventsInfo != nil {
		client.logger.Warn("CloudWatch Logs rejected events", zap.Any("info", answer.RejectedLogEventsInfo))
	}
	return err
}

func (client *Client) createStream(ctx context.Context, key StreamKey) error {
	_, err := client.service.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{
		LogGroupName:  aws.String(key.LogGroupName),
		LogStreamName: aws.String(key.LogStreamName),
	})
	var exists *types.ResourceAlreadyExistsException
	if errors.As(err, &exists) {
		return nil
	}
	return err
}

// ValidateRetentionValue refuses a retention: the log group is not this program's.
func ValidateRetentionValue(days int32) error {
	if days != 0 {
		return fmt.Errorf("log_retention is %d days, but this build creates no log group; leave it out", days)
	}
	return nil
}

// ValidateTagsInput refuses tags: the log group is not this program's.
func ValidateTagsInput(tags map[string]string) error {
	if len(tags) != 0 {
		return errors.New("there are tags, but this build creates no log group; leave them out")
	}
	return nil
}
