package natstest

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/onrecord/onrecord/internal/natstest/fast"
)

// What is held arrives when it is held no more, what is cut does not, and a server that
// was killed comes back at its address.
func TestLink(t *testing.T) {
	c, err := Start(t.TempDir(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	n := c.Nodes()[0]
	conn, err := nats.Connect(n.URL(), nats.MaxReconnects(-1), nats.ReconnectWait(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := func(want bool) {
		t.Helper()
		patience := Patience
		if !want {
			patience = 50 * time.Millisecond
		}
		if err := conn.FlushTimeout(patience); (err == nil) != want {
			t.Errorf("Flush: %v", err)
		}
	}
	answers(true)
	for _, held := range [][2]bool{{true, false}, {false, true}} {
		n.Clients.Hold(held[0], held[1])
		answers(false)
		n.Clients.Hold(false, false)
		answers(true)
	}
	n.Clients.Delay(time.Millisecond)
	answers(true)
	n.Kill()
	if _, err := nats.Connect(n.URL()); err == nil {
		t.Error("a server that was killed is connected to")
	}
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	again, err := nats.Connect(n.URL())
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// A server that is cut off hears nothing of the others, and they find another leader.
func TestIsolate(t *testing.T) {
	fast.Elections()
	c, err := Start(t.TempDir(), 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	leader := func(but *Node) (leads *Node) {
		t.Helper()
		for began := time.Now(); leads == nil; time.Sleep(time.Millisecond) {
			for _, n := range c.Nodes() {
				if n != but && n.running().JetStreamIsLeader() {
					leads = n
				}
			}
			if time.Since(began) > Patience {
				t.Fatal("no leader")
			}
		}
		return leads
	}
	first := leader(nil)
	c.Isolate(first)
	second := leader(first)
	c.Join(first)
	if err := c.Ready(); err != nil {
		t.Fatal(err)
	}
	if c.Node(second.Name) != second || c.Node("nobody") != nil {
		t.Error("a server is not found by its name")
	}
}
