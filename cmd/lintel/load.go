// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"

	"lintel/specs"
)

// load reads a workspace. An error means that there is nothing to check; findings are in the
// workspace's files.
func (p *program) load(dir string) (*specs.Workspace, specs.Findings, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil, &exitError{code: exitLoad, err: fmt.Errorf("there is no folder %s", dir)}
	case err != nil:
		return nil, nil, &exitError{code: exitLoad, err: fmt.Errorf("folder %s cannot be read: %w", dir, err)}
	case !info.IsDir():
		return nil, nil, &exitError{code: exitLoad, err: fmt.Errorf("%s is a file; name the folder of a workspace", dir)}
	}
	ws, findings := specs.Load(dir, p.env)
	return ws, findings, nil
}
