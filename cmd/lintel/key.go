// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func newKey(p *program) *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use:   "key CLIENT",
		Short: "Make an API key, and the line for the file of keys",
		Long: `Key makes a random API key for a client. It is printed once: give it to the client and keep the line
with its hash, which goes to the file that keys: of a scheme names in lintel.yaml.`,
		Example: "  lintel key mobile-app --days 365",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if days < 0 || days > 36500 {
				return fmt.Errorf("--days must be from 0 to 36500")
			}
			return p.key(args[0], days)
		},
	}
	cmd.Flags().IntVar(&days, "days", 0, "days until the key expires; 0 means that it does not")
	return cmd
}

// madeKey is a key as it is printed.
type madeKey struct {
	FormatVersion string `json:"formatVersion"`
	Client        string `json:"client"`
	Key           string `json:"key"`
	SHA256        string `json:"sha256"`
	Expires       string `json:"expires,omitempty"`
}

func (p *program) key(client string, days int) error {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	made := madeKey{FormatVersion: "1.0", Client: client, Key: "lk_" + base64.RawURLEncoding.EncodeToString(random[:])}
	sum := sha256.Sum256([]byte(made.Key))
	made.SHA256 = hex.EncodeToString(sum[:])
	entry := "sha256: " + made.SHA256
	if days > 0 {
		made.Expires = time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
		entry += ", expires: " + made.Expires
	}
	if p.output == "json" {
		return json.NewEncoder(p.stdout).Encode(made)
	}
	_, err := fmt.Fprintf(p.stdout, "key for the client:    %s\nline for the keys file: %s: {%s}\n", made.Key, client, entry)
	return err
}
