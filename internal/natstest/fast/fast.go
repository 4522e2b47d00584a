// Package fast makes the servers of package natstest find new leaders sooner, so that a test
// sees more elections. It sets what is the server's own and has no option; only tests
// import it.
package fast

import (
	"time"
	_ "unsafe" // for linkname

	_ "github.com/nats-io/nats-server/v2/server"
)

// Factor is how many times as soon servers notice that a leader is gone after Elections.
const Factor = 5

// Elections makes servers that are started later notice sooner that a leader is gone. It
// is called once, before the first server.
func Elections() {
	for _, d := range []*time.Duration{&minElectionTimeout, &maxElectionTimeout, &hbInterval, &lostQuorumInterval, &lostQuorumCheck} {
		*d /= Factor
	}
}

var (
	//go:linkname minElectionTimeout github.com/nats-io/nats-server/v2/server.minElectionTimeout
	minElectionTimeout time.Duration
	//go:linkname maxElectionTimeout github.com/nats-io/nats-server/v2/server.maxElectionTimeout
	maxElectionTimeout time.Duration
	//go:linkname hbInterval github.com/nats-io/nats-server/v2/server.hbInterval
	hbInterval time.Duration
	//go:linkname lostQuorumInterval github.com/nats-io/nats-server/v2/server.lostQuorumInterval
	lostQuorumInterval time.Duration
	//go:linkname lostQuorumCheck github.com/nats-io/nats-server/v2/server.lostQuorumCheck
	lostQuorumCheck time.Duration
)
