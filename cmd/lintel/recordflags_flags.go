// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// optionFlags are the flags of a command that are made from the table of record options.
type optionFlags struct {
	// given holds the texts of the flags that were set.
	given optionValues
	table []recordOption
	// file is the --options file.
	file string
}

// optionFlag is one flag; it implements pflag.Value.
type optionFlag struct {
	option *recordOption
	to     optionValues
}

// String gives the present value.
func (f *optionFlag) String() string {
	if f.option == nil {
		return ""
	}
	return strings.Join(f.to[f.option.key], " ")
}

// Type names the kind of value for help.
func (f *optionFlag) Type() string { return f.option.values() }

// Set checks and notes a value.
func (f *optionFlag) Set(text string) error {
	var scratch recordSettings
	if err := f.option.set(&scratch, text); err != nil {
		return err
	}
	if !f.option.list {
		f.to[f.option.key] = nil
	}
	f.to[f.option.key] = append(f.to[f.option.key], text)
	return nil
}

// addOptionFlags gives a command the flags of the table, --options, and a help text that starts with
// examples and has the flags in groups.
func addOptionFlags(cmd *cobra.Command) *optionFlags {
	o := &optionFlags{given: optionValues{}, table: recordOptions()}
	cmd.Flags().StringVar(&o.file, "options", "", "`FILE` of record options and field rules, in the form of records.yaml; a flag wins over it")
	for i := range o.table {
		opt := &o.table[i]
		cmd.Flags().Var(&optionFlag{option: opt, to: o.given}, opt.flag(), opt.doc)
		if opt.boolean() {
			cmd.Flags().Lookup(opt.flag()).NoOptDefVal = "true"
		}
		if len(opt.words) > 0 {
			// It fails for flags that do not exist, and this one was just made.
			_ = cmd.RegisterFlagCompletionFunc(opt.flag(), cobra.FixedCompletions(opt.words, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { o.help(cmd) })
	return o
}

// groupTitle is the heading of a group of options.
func (g optionGroup) title() string {
	return [...]string{"Values", "Dialect", "Copybook source", "Dataset"}[g]
}

// help prints examples, usage, description and the flags in their groups.
func (o *optionFlags) help(cmd *cobra.Command) {
	o.hide(cmd, true)
	basic := cmd.LocalFlags().FlagUsages()
	o.hide(cmd, false)
	var b strings.Builder
	fmt.Fprintf(&b, "Examples:\n%s\n\nUsage:\n  %s\n\n%s\n\nFlags:\n%s", cmd.Example, cmd.UseLine(), cmd.Long, basic)
	group := -1
	for i := range o.table {
		opt := &o.table[i]
		if int(opt.group) != group {
			group = int(opt.group)
			fmt.Fprintf(&b, "\n%s:\n", opt.group.title())
		}
		value := " " + opt.values()
		if opt.boolean() {
			value = ""
		}
		fmt.Fprintf(&b, "      --%s%s\n            %s (default %s)\n", opt.flag(), value, opt.doc, opt.def)
	}
	b.WriteString("\nWithout the hyphens the names are keys of --options files and of records.yaml: --use-value is useValue.\n")
	_, _ = fmt.Fprint(cmd.OutOrStdout(), b.String())
}

func (o *optionFlags) hide(cmd *cobra.Command, hidden bool) {
	for i := range o.table {
		cmd.Flags().Lookup(o.table[i].flag()).Hidden = hidden
	}
}

// checkFraming refuses flags that the framing gives no meaning to.
func (o *optionFlags) checkFraming(kind string) error {
	for i := range o.table {
		opt := &o.table[i]
		if _, given := o.given[opt.key]; given && opt.framings != nil && !slices.Contains(opt.framings, kind) {
			return fmt.Errorf("--%s has no meaning for framing %s, only for %s", opt.flag(), kind, strings.Join(opt.framings, ", "))
		}
	}
	return nil
}
