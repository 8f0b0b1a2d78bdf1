// SPDX-License-Identifier: Apache-2.0

// Package postgres keeps the entries of a journal in a PostgreSQL database, for any number of
// gateways that serve the same workspace.
//
// One row is one entry, and its id is the primary key: of several gateways that begin the same
// exchange at the same time the database lets one through. Every change is one statement that names
// the states it may change, so that no lock is held between statements. A released entry is a deleted
// row. A change of which the word is lost may have been made: it names the attempt that it is of. The epoch of the database is
// compared with every intent. A database that does not wait for stable storage (fsync or synchronous_commit off) is refused.
package postgres
