// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// checkout writes a folder of a git revision to a folder aside, byte for byte as it was committed. name is a
// revision, of the folder beside, or REV:PATH. done removes it.
func checkout(ctx context.Context, name, beside string) (dir string, done func(), err error) {
	rev, inside, given := strings.Cut(name, ":")
	if _, err := exec.LookPath("git"); err != nil {
		return "", nil, fmt.Errorf("there is no folder %s, and no git to find a revision of that name", name)
	}
	if info, err := os.Stat(beside); err != nil || !info.IsDir() {
		beside = "."
	}
	if rev == "" || strings.HasPrefix(rev, "-") {
		return "", nil, fmt.Errorf("%s is neither a folder nor a git revision", name)
	}
	g := &gitTree{dir: beside}
	commit, err := g.text(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", nil, fmt.Errorf("%s is neither a folder nor a git revision", name)
	}
	if !given {
		if inside, err = g.text(ctx, "rev-parse", "--show-prefix"); err != nil {
			return "", nil, err
		}
	}
	if dir, err = os.MkdirTemp("", "lintel-diff-"); err != nil {
		return "", nil, err
	}
	done = func() { _ = os.RemoveAll(dir) }
	if err := g.write(ctx, commit, strings.Trim(filepath.ToSlash(inside), "/"), dir); err != nil {
		done()
		return "", nil, fmt.Errorf("%s: %w", name, err)
	}
	return dir, done, nil
}

// gitTree reads the objects of a repository. Only commands that read are used, and none that run filters.
type gitTree struct{ dir string }

func (g *gitTree) command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "git", append([]string{"-C", g.dir, "--no-optional-locks", "--literal-pathspecs"}, args...)...) // #nosec G204 -- no shell, and names cannot be flags
}

func (g *gitTree) text(ctx context.Context, args ...string) (string, error) {
	out, err := g.command(ctx, args...).Output()
	if err != nil {
		return "", gitError(err)
	}
	return strings.TrimSpace(string(out)), nil
}

func gitError(err error) error {
	var e *exec.ExitError
	if errors.As(err, &e) && len(e.Stderr) > 0 {
		return errors.New(strings.TrimSpace(string(e.Stderr)))
	}
	return err
}

// gitFile is one file of a tree.
type gitFile struct{ object, name string }

// write writes the files below a folder of a commit to dir.
func (g *gitTree) write(ctx context.Context, commit, folder, dir string) error {
	tree := commit + ":" + folder
	list, err := g.command(ctx, "ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree).Output()
	if err != nil {
		return fmt.Errorf("the revision has no folder %q", folder)
	}
	var files []gitFile
	for _, line := range strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		about, name, ok := strings.Cut(line, "\t")
		parts := strings.Fields(about)
		if !ok || len(parts) != 3 || parts[1] != "blob" || !strings.HasPrefix(parts[0], "100") || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue // no links and no other repositories: a workspace is read below its folder
		}
		files = append(files, gitFile{parts[2], name})
	}
	if len(files) > maxDraftFiles {
		return fmt.Errorf("it has more than %d files: it does not look like a workspace", maxDraftFiles)
	}
	return g.blobs(ctx, files, dir)
}

// blobs writes files by one run of git.
func (g *gitTree) blobs(ctx context.Context, files []gitFile, dir string) error {
	var names bytes.Buffer
	for _, f := range files {
		fmt.Fprintln(&names, f.object)
	}
	cmd := g.command(ctx, "cat-file", "--batch")
	cmd.Stdin = &names
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = readBlobs(bufio.NewReader(out), files, dir)
	if err != nil {
		_ = cmd.Process.Kill()
	}
	return errors.Join(err, cmd.Wait())
}

// readBlobs takes the answers of cat-file: a line with the size, the bytes, and an end of line.
func readBlobs(r *bufio.Reader, files []gitFile, dir string) error {
	for _, f := range files {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		parts := strings.Fields(line)
		if len(parts) != 3 {
			return fmt.Errorf("git does not have the file %s", f.name)
		}
		size, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil || size > maxDraftFile {
			return fmt.Errorf("%s is larger than %d MiB", f.name, maxDraftFile>>20)
		}
		text := make([]byte, size+1)
		if _, err := io.ReadFull(r, text); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(f.name)), text[:size]); err != nil {
			return err
		}
	}
	return nil
}
