/* SPDX-License-Identifier: Apache-2.0 */

/* A small region in the manner of CICS. The main process listens and forks one process for each
 * connection (region.c). That one keeps a worker, a child that holds the COBOL runtime and LINKs
 * programs one after the other (task.c). A program that dies takes only its worker along. */

#ifndef REGION_H
#define REGION_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	HEADER_SIZE = 20, /* copybook REGHDR: program 8, status 4, abend 4, task 4 */
	PROGRAM_SIZE = 8,
	MESSAGE_MAX = 32768,
	FAULT_SLOTS = 64,
};

/* What can go wrong on command; see fault_command for the words. */
enum fault {
	FAULT_NONE,
	FAULT_SLOW,         /* wait, then do the work */
	FAULT_HANG,         /* never come back */
	FAULT_ABEND,        /* die in place of the work */
	FAULT_ABEND_MIDWAY, /* die after the second record was written */
	FAULT_KILL_MIDWAY,  /* the whole region dies there */
	FAULT_DROP_BEFORE,  /* close the connection instead of working */
	FAULT_DROP_AFTER,   /* work, then close the connection instead of replying */
	FAULT_BUSY,         /* refuse: as if at the limit of tasks */
	FAULT_KINDS
};

struct fault_slot {
	atomic_int kind;
	char program[PROGRAM_SIZE];
	atomic_int left; /* how often it still happens; negative: until cleared */
	atomic_int millis;
};

/* Shared by all processes of the region. */
struct shared {
	atomic_uint tasks;   /* number of the last task */
	atomic_int running;  /* tasks at work */
	atomic_int fault_gate;
	struct fault_slot faults[FAULT_SLOTS];
};

struct options {
	const char *address; /* IPv4 address to listen on */
	int port;            /* 0: the system picks one */
	const char *data;    /* folder of the files */
	const char *programs; /* folder of the compiled programs */
	int max_tasks;
	int runaway_millis;
};

extern struct options options;
extern struct shared *shared;
extern pid_t region_pid;

/* fault.c */

/* Arms or clears faults: "SLOW XFER 500 [COUNT]", "HANG|ABEND|ABEND-MIDWAY|KILL-MIDWAY|DROP-BEFORE|
 * DROP-AFTER|BUSY PROGRAM [COUNT]", "CLEAR". Without COUNT it lasts until cleared. Program "*" is
 * any. Returns 0, or -1 if the text is not understood. */
int fault_command(const char *text, size_t length);

/* Takes the first fault that is armed for the program. */
enum fault fault_take(const char *program, int *millis);

/* task.c */

struct worker; /* the process that holds the COBOL runtime for one connection */

enum task_end { TASK_DONE, TASK_ABENDED, TASK_RUNAWAY };

struct worker *worker_new(int connection);
void worker_free(struct worker *w);

/* LINKs the program named in the request's header and leaves the reply. On an abend what the
 * program wrote has been undone when this returns. */
enum task_end task_run(struct worker *w, const unsigned char *request, int request_length, enum fault fault,
		       int millis, unsigned char *reply, int *reply_length);

/* Whether transactions may name this program. */
int program_known(const char *program);

/* Creates the files if there are none, and undoes half-done work. Returns 0 if all is well. */
int data_prepare(void);

#endif
