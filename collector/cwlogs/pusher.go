// SPDX-License-Identifier: Apache-2.0

package cwlogs

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"go.uber.org/zap"
)

// Limits of PutLogEvents:
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	maxEvents     = 10_000
	maxBytes      = 1_048_576
	overheadBytes = 26 // that each event counts besides its text
)

// StreamKey names a log stream.
type StreamKey struct {
	LogGroupName  string
	LogStreamName string
}

// Event is one line, and where it goes.
type Event struct {
	InputLogEvent *types.InputLogEvent
	GeneratedTime time.Time
	StreamKey
}

// NewEvent makes a line; its time is in milliseconds since 1970.
func NewEvent(timestampMs int64, message string) *Event {
	return &Event{InputLogEvent: &types.InputLogEvent{
		Timestamp: aws.Int64(timestampMs),
		Message:   aws.String(message),
	}}
}

// Pusher collects the lines of one stream until they are flushed.
type Pusher interface {
	AddLogEntry(ctx context.Context, event *Event) error
	ForceFlush(ctx context.Context) error
}

type streamPusher struct {
	key    StreamKey
	client Client
	mutex  sync.Mutex // requests of several jobs share it
	events []types.InputLogEvent
	bytes  int
}

// NewPusher makes a pusher. Retries are the SDK's, so the count is not looked at.
func NewPusher(key StreamKey, _ int, client Client, _ *zap.Logger) Pusher {
	return &streamPusher{key: key, client: client}
}

func (pusher *streamPusher) AddLogEntry(ctx context.Context, event *Event) error {
	if event == nil {
		return nil
	}
	pusher.mutex.Lock()
	defer pusher.mutex.Unlock()
	size := len(*event.InputLogEvent.Message) + overheadBytes
	var err error
	if len(pusher.events) == maxEvents || pusher.bytes+size > maxBytes {
		err = pusher.flush(ctx)
	}
	pusher.events = append(pusher.events, *event.InputLogEvent)
	pusher.bytes += size
	return err
}

func (pusher *streamPusher) ForceFlush(ctx context.Context) error {
	pusher.mutex.Lock()
	defer pusher.mutex.Unlock()
	return pusher.flush(ctx)
}

func (pusher *streamPusher) flush(ctx context.Context) error {
	if len(pusher.events) == 0 {
		return nil
	}
	events := pusher.events
	pusher.events, pusher.bytes = nil, 0 // also after a failure: whoever is told sends again
	slices.SortStableFunc(events, func(one, other types.InputLogEvent) int {
		return int(*one.Timestamp - *other.Timestamp)
	})
	return pusher.client.put(ctx, pusher.key, events)
}
