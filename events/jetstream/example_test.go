package jetstream_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/nats-io/nats.go"

	"github.com/onrecord/onrecord/events/jetstream"
	"github.com/onrecord/onrecord/internal/natstest"
)

// One program records, and another one that waits is woken. The servers are those of a
// cluster of three, which here run in this process.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "record")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	servers, err := natstest.Start(dir, 3, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer servers.Stop()

	ctx := context.Background()
	opts := &jetstream.Options{System: []nats.Option{nats.UserInfo("system", "system")}}
	desk, err := jetstream.Open(ctx, servers.URL(), opts)
	if err != nil {
		log.Fatal(err)
	}
	defer desk.Close()
	reader, err := jetstream.Open(ctx, servers.URL(), opts)
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()

	read := make(chan bool)
	go func() {
		defer close(read)
		if err := reader.Wait(ctx, 0); err != nil {
			log.Fatal(err)
		}
		for record, err := range reader.Scan(ctx, 0) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%d %s\n", record.Seq, record.Data)
		}
	}()
	if _, err := desk.Append(ctx, 0, []byte("Trump said he would soon meet Putin")); err != nil {
		log.Fatal(err)
	}
	<-read
	// Output:
	// 1 Trump said he would soon meet Putin
}
