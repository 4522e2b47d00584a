package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"
)

// wanted is the configuration of a stream that keeps a record.
func wanted(name string, replicas int) *api.StreamConfig {
	return &api.StreamConfig{
		Name:              name,
		Description:       "a record of onrecord: message n is record n",
		Subjects:          []string{recordSubject(name)},
		Retention:         api.LimitsPolicy,
		Discard:           api.DiscardNew,
		Storage:           api.FileStorage,
		Replicas:          replicas,
		MaxConsumers:      -1,
		MaxMsgs:           -1,
		MaxBytes:          -1,
		MaxMsgsPerSubject: -1,
		MaxMsgSize:        -1,
		DenyDelete:        true,
		DenyPurge:         true,
		AllowDirect:       true,
		RePublish:         &api.RePublish{Source: recordSubject(name), Destination: appendedSubject(name), HeadersOnly: true},
	}
}

// free are the fields in which a stream may differ from what is wanted. The replicas are
// checked on their own.
var free = []string{"description", "metadata", "placement", "num_replicas", "compression", "duplicate_window", "max_consumers", "consumer_limits"}

// streamInfo is what the server says of a stream.
type streamInfo struct {
	Error     *api.APIError    `json:"error"`
	Created   time.Time        `json:"created"`
	Config    json.RawMessage  `json:"config"`
	State     api.StreamState  `json:"state"`
	Cluster   *api.ClusterInfo `json:"cluster"`
	Domain    string           `json:"domain"`
	TimeStamp time.Time        `json:"ts"`
}

// lease is how recently a leader must have heard from a majority to be believed. Servers
// that hear nothing of their leader find a new one after 4 seconds at the earliest, and
// hear of it every second. The rest is for what they say to it and it reads late.
var lease = 2 * time.Second

// info asks the leader of the stream, again if it may have lost that office to another
// without knowing.
func (s *Store) info(ctx context.Context) (*streamInfo, error) {
	for {
		answer, err := s.ask(ctx, &nats.Msg{Subject: apiPrefix + "STREAM.INFO." + s.name})
		if err != nil {
			return nil, err
		}
		info, err := readInfo(answer)
		if err != nil {
			return nil, err
		}
		if info.led() {
			return info, s.same(info)
		}
		if err := s.pause(ctx); err == errNoAnswer {
			return nil, fmt.Errorf("%w within %v, a server answers that does not lead the stream or does not hear from a majority of those that keep it; the leader is, as it says, %q", err, s.timeout, info.Cluster.Leader)
		} else if err != nil {
			return nil, err
		}
	}
}

// same says what is wrong with a stream that Open has found good and that is another one
// now, or was edited.
func (s *Store) same(info *streamInfo) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.found == nil:
		return nil
	case !info.Created.Equal(s.found.Created):
		return damaged("the stream was made anew at %v, the one that was opened was made at %v", info.Created, s.found.Created)
	case bytes.Equal(info.Config, s.found.Config):
		return nil
	}
	if err := info.check(s.name, s.replicas); err != nil {
		return fmt.Errorf("since it was opened the stream was edited: %w", err)
	}
	s.found = info
	return nil
}

// led reports whether who answers leads the stream and has just heard from a majority,
// itself included. While servers know of no leader any of them answers, one that has just
// lost that office too, and is one of the replicas in its own answer.
func (i *streamInfo) led() bool {
	if i.Cluster == nil {
		return true
	}
	heard := 1
	for _, r := range i.Cluster.Replicas {
		if r.Name == i.Cluster.Leader {
			return false
		}
		if 0 < r.Active && r.Active < lease { // 0: not yet
			heard++
		}
	}
	return i.Cluster.Leader != "" && heard > (len(i.Cluster.Replicas)+1)/2
}

func readInfo(answer *nats.Msg) (*streamInfo, error) {
	info := new(streamInfo)
	if err := json.Unmarshal(answer.Data, info); err != nil {
		return nil, fmt.Errorf("the answer %.60q cannot be read: %w", answer.Data, err)
	}
	if info.Error != nil {
		return nil, explain(info.Error)
	}
	return info, nil
}

// whole says which messages the stream lacks.
func (i *streamInfo) whole() error {
	s := i.State
	if s.Msgs == s.LastSeq && s.NumDeleted == 0 && (s.Msgs == 0 || s.FirstSeq == 1) {
		return nil
	}
	return damaged("the stream has %d messages with numbers from %d to %d, %d between them were deleted or lost; want all from 1", s.Msgs, s.FirstSeq, s.LastSeq, s.NumDeleted)
}

// check says what is wrong with a stream.
func (i *streamInfo) check(name string, replicas int) error {
	text, err := json.Marshal(wanted(name, replicas))
	if err != nil {
		return err
	}
	want, err := fields(text)
	if err != nil {
		return err
	}
	have, err := fields(i.Config)
	if err != nil {
		return err
	}
	all := maps.Clone(want)
	maps.Copy(all, have)
	for _, field := range slices.Sorted(maps.Keys(all)) {
		if h, w := have[field], want[field]; !slices.Contains(free, field) && h != w {
			return fmt.Errorf("the stream cannot keep a record: its %s is %s, must be %s", field, orNone(h), orNone(w))
		}
	}
	var config api.StreamConfig
	if err := json.Unmarshal(i.Config, &config); err != nil {
		return err
	}
	if config.Replicas < replicas {
		return fmt.Errorf("the stream has %d replicas, must have %d (Options.Replicas)", config.Replicas, replicas)
	}
	return i.whole()
}

// fields returns what the fields of a configuration that are not zero hold, as JSON.
func fields(text []byte) (map[string]string, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("the configuration %.60q cannot be read: %w", text, err)
	}
	values := map[string]string{}
	for field, value := range raw {
		switch v := string(bytes.TrimSpace(value)); v {
		case `0`, `false`, `""`, `null`, `{}`, `[]`, `"none"`, `"default"`:
		default:
			values[field] = v
		}
	}
	return values, nil
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}

// userInURL is a user's name in an address, with the scheme before it.
var userInURL = regexp.MustCompile(`(^|//|,)[^/,@]*@`)

// stragglerWait is how long checkSync waits for the servers that answer last.
const stragglerWait = 2 * time.Second

// checkSync asks the servers that keep the stream whether they sync every record, again
// until a majority has answered or the context ends. Those that answer must: Open
// succeeds while one of three is down.
func (i *streamInfo) checkSync(ctx context.Context, url, server string, options []nats.Option) error {
	keepers := map[string]bool{server: false} // true: it has answered
	if c := i.Cluster; c != nil && c.Leader != "" {
		keepers = map[string]bool{c.Leader: false}
		for _, r := range c.Replicas {
			keepers[r.Name] = false
		}
	}
	conn, err := connect(ctx, userInURL.ReplaceAllString(url, "$1"), func(error) {}, options)
	if err != nil {
		return fmt.Errorf("connect as a user of the system account (Options.System): %w", err)
	}
	defer conn.Close()
	sub, err := conn.SubscribeSync(conn.NewInbox())
	if err != nil {
		return err
	}
	const subject = "$SYS.REQ.SERVER.PING.JSZ"
	if err := conn.PublishRequest(subject, sub.Subject, nil); err != nil {
		return err
	}
	answered, late := 0, time.Now().Add(stragglerWait)
	for answered < len(keepers) {
		wait, cancel := context.WithDeadline(ctx, late)
		m, err := sub.NextMsgWithContext(wait)
		cancel()
		if errors.Is(err, nats.ErrNoResponders) {
			return errors.New("Options.System are not those of a user of the system account")
		}
		if err != nil && answered <= len(keepers)/2 && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			late = time.Now().Add(stragglerWait)
			_ = conn.PublishRequest(subject, sub.Subject, nil) // what fails is repeated
			continue
		}
		if err != nil {
			break
		}
		var answer struct {
			Server struct {
				Name string `json:"name"`
			} `json:"server"`
			Data struct {
				Config struct {
					SyncAlways   bool          `json:"sync_always"`
					SyncInterval time.Duration `json:"sync_interval"`
				} `json:"config"`
			} `json:"data"`
		}
		if err := json.Unmarshal(m.Data, &answer); err != nil {
			return fmt.Errorf("the answer %.60q cannot be read: %w", m.Data, err)
		}
		name := answer.Server.Name
		if told, keeps := keepers[name]; !keeps || told {
			continue
		}
		if c := answer.Data.Config; !c.SyncAlways {
			return fmt.Errorf("server %s may lose acknowledged records: its sync_interval is %v, must be always; Options.AcceptLoss accepts it", name, c.SyncInterval)
		}
		keepers[name] = true
		answered++
	}
	if answered <= len(keepers)/2 {
		return fmt.Errorf("%d of the %d servers that keep the stream have said whether they sync every record, a majority must; are Options.System those of a user of the system account?", answered, len(keepers))
	}
	return nil
}
