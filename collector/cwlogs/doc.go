// SPDX-License-Identifier: Apache-2.0

// Package cwlogs is what the awsemf exporter 0.156.0 asks of collector-contrib's internal/aws/cwlogs: a client of
// CloudWatch Logs. It stands in for that module in our own build only, because no version of it could be had from
// the Go module proxy (docs/collector.md). Fargate's image has the original.
//
// It does what this project's configuration needs: events of one push go out together, in the order of their
// times, and a missing log stream is created. What the configuration does not use is refused, not ignored:
// retention and tags. A missing log group stays missing: the stack owns it, and its roles may not create one.
package cwlogs
