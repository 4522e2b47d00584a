// Package jetstream keeps a record in a stream of NATS JetStream.
package jetstream
