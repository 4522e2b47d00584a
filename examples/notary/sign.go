package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/onrecord/onrecord/events/proof"
)

// key makes a pair of keys. Who has the secret one signs for the record.
func (n *notary) key(_ context.Context, args []string, _ map[string]string) error {
	secret, public, err := note.GenerateKey(n.random, args[0])
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if _, err := note.NewSigner(secret); err != nil {
		return fmt.Errorf("%q cannot be the name of a record, want one such as desk.example/story: %w", args[0], errRefused)
	}
	line := func(text string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, text+"\n")
			return err
		}
	}
	if err := create(args[1]+".secret", forOwner, line(secret)); err != nil {
		return err
	}
	if err := create(args[1]+".public", forAll, line(public)); err != nil {
		return errors.Join(err, os.Remove(args[1]+".secret")) // which nobody could check
	}
	_, err = fmt.Fprintf(n.out, "%s.secret signs; keep it\n%s.public checks; give it away:\n%s\n", args[1], args[1], public)
	return err
}

// sign signs the head of the record.
func (n *notary) sign(ctx context.Context, args []string, flags map[string]string) (err error) {
	if err := needs(flags, "key", "a file with a secret key"); err != nil {
		return err
	}
	text, err := readSmall(flags["key"])
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%s has no secret key: %w: %w", flags["key"], err, errRefused)
	}
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	_, head, err := grow(ctx, store)
	if err != nil {
		return err
	}
	checkpoint, err := proof.Sign(head, signer)
	if err != nil {
		return err
	}
	return n.to(args, 1, forAll, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(checkpoint))
		return err
	})
}

func publicKey(path string) (note.Verifier, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	key, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s has no public key: %w: %w", path, err, errRefused)
	}
	return key, nil
}

func openCheckpoint(path, key string) (*proof.Checkpoint, error) {
	verifier, err := publicKey(key)
	if err != nil {
		return nil, err
	}
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	c, err := proof.Open(text, verifier)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, err, errRefused)
	}
	return c, nil
}
