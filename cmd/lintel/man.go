// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan(p *program) *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "man [COMMAND]...",
		Short: "Print a manual page, or write all of them",
		Long: `Man prints the manual page of a command in the form that man reads; without a command that of lintel itself. With
--dir it writes the pages of all commands to a folder.
Exit code 0: fine; 2: there is no such command; 3: a page cannot be written.`,
		Example: `  lintel man check | man -l -
  lintel man --dir /usr/local/share/man/man1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if dir != "" {
				if len(args) > 0 {
					return usageError("--dir writes the pages of all commands")
				}
				return p.writeManual(root, dir)
			}
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usageError("there is no command %q", strings.Join(args, " "))
			}
			_, err = fmt.Fprint(p.stdout, manPage(found))
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`FOLDER` to write the pages of all commands to")
	return cmd
}

// writeManual writes the pages of a command and of all below it.
func (p *program) writeManual(cmd *cobra.Command, dir string) error {
	if err := writeFile(filepath.Join(dir, manName(cmd)+".1"), []byte(manPage(cmd))); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	for _, sub := range documented(cmd) {
		if err := p.writeManual(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

// documented are the commands directly below one that users see.
func documented(cmd *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			out = append(out, sub)
		}
	}
	return out
}

// manName is the name of a page: lintel-import-copybook.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage writes one page. It has no date, so that the same program gives the same page.
func manPage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %q \"1\" \"\" \"lintel\" \"Lintel\"\n", strings.ToUpper(manName(cmd)))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", manText(manName(cmd)), manText(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", manText(cmd.UseLine()))
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", manText(cmd.Example))
	}
	if cmd.Long != "" {
		b.WriteString(".SH DESCRIPTION\n")
		for i, paragraph := range strings.Split(cmd.Long, "\n\n") {
			if i > 0 {
				b.WriteString(".PP\n")
			}
			b.WriteString(manText(paragraph) + "\n")
		}
	}
	manFlags(&b, "OPTIONS", cmd.NonInheritedFlags())
	manFlags(&b, "OPTIONS OF ALL COMMANDS", cmd.InheritedFlags())
	var related []string
	if cmd.HasParent() {
		related = append(related, manName(cmd.Parent()))
	}
	for _, sub := range documented(cmd) {
		related = append(related, manName(sub))
	}
	if len(related) > 0 {
		fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", manText(strings.Join(related, "(1), ")+"(1)"))
	}
	return b.String()
}

func manFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", manText(name), manText(usage))
	})
}

// manText keeps a text from being taken for instructions.
func manText(s string) string {
	s = regexp.MustCompile(`[^\x00-\x7f]`).ReplaceAllStringFunc(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s), func(c string) string {
		return fmt.Sprintf(`\[u%04X]`, []rune(c)[0])
	})
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
