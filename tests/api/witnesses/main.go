// Reads checkpoints and proofs of a shard with the libraries that witnesses and monitors of transparency logs use: a JSON
// object a line comes in, and a line goes out for each, "ok" with the size and the root, or what is wrong.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	tdlog "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes []string

func (h hashes) bytes() (all [][]byte) {
	for _, one := range h {
		all = append(all, unhex(one))
	}
	return all
}

func (h hashes) tlog() (all []tlog.Hash) {
	for _, one := range h.bytes() {
		all = append(all, tlog.Hash(one))
	}
	return all
}

type question struct {
	Origin, Key, Note string
	// The tree of the checkpoint begins with this one.
	Before *struct {
		Size int64
		Root string
		Path hashes
	}
	// The tree of the checkpoint has this leaf.
	Leaf *struct {
		Text  string
		Index int64
		Path  hashes
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		size, root, err := check(asked)
		if err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("ok", size, hex.EncodeToString(root))
		}
	}
}

func check(asked question) (int64, []byte, error) {
	verifier, err := note.NewVerifier(asked.Key)
	if err != nil {
		return 0, nil, fmt.Errorf("key: %w", err)
	}
	checkpoint, rest, opened, err := tdlog.ParseCheckpoint([]byte(asked.Note), asked.Origin, verifier)
	if err != nil {
		return 0, nil, fmt.Errorf("checkpoint: %w", err)
	}
	if len(rest) > 0 || len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) > 0 {
		return 0, nil, fmt.Errorf("checkpoint: more than is expected")
	}
	size, root := int64(checkpoint.Size), tlog.Hash(checkpoint.Hash)
	if before := asked.Before; before != nil {
		first := unhex(before.Root)
		if err := tlog.CheckTree(before.Path.tlog(), size, root, before.Size, tlog.Hash(first)); err != nil {
			return 0, nil, fmt.Errorf("tlog: %w", err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(before.Size), uint64(size), before.Path.bytes(),
			first, checkpoint.Hash); err != nil {
			return 0, nil, fmt.Errorf("merkle: %w", err)
		}
	}
	if leaf := asked.Leaf; leaf != nil {
		hash := tlog.RecordHash([]byte(leaf.Text))
		if err := tlog.CheckRecord(leaf.Path.tlog(), size, root, leaf.Index, hash); err != nil {
			return 0, nil, fmt.Errorf("tlog: %w", err)
		}
		if !bytes.Equal(hash[:], rfc6962.DefaultHasher.HashLeaf([]byte(leaf.Text))) {
			return 0, nil, fmt.Errorf("the hashes of the leaf differ")
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(leaf.Index), uint64(size), hash[:], leaf.Path.bytes(),
			checkpoint.Hash); err != nil {
			return 0, nil, fmt.Errorf("merkle: %w", err)
		}
	}
	return size, checkpoint.Hash, nil
}

func unhex(text string) []byte {
	all, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return all
}
