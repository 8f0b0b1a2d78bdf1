/* SPDX-License-Identifier: Apache-2.0 */

/* Tasks: LINK of COBOL programs in a worker process, and what happens when one dies. */

#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <libcob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Copybook LINKAREA. */
struct link_area {
	int32_t request_length, reply_length;
	char status[4];
};

/* One task's areas, shared between connection and worker. */
struct areas {
	struct link_area link;
	int fault, millis;
	unsigned char request[MESSAGE_MAX];
	unsigned char reply[MESSAGE_MAX];
};

struct worker {
	struct areas *areas;
	pid_t pid;       /* 0: none */
	int pipe;        /* to the worker */
	int connection;  /* closed in the worker, so that a drop is a drop */
};

/* The lock of the files. Opened before the worker is forked, hence shared with it: when the worker
 * dies in the middle of its work the connection's process still holds the lock, and nobody gets to
 * see the files until it has undone the work. */
static int lock_file = -1;

static struct areas *current; /* in a worker: the task at hand */

static const char *const programs[] = {"ACCTINQ ", "TXNLIST ", "XFER    ", "XFERINQ ", "ACCTOPEN", "LEDGER  ", "BOOM    "};

int program_known(const char *program)
{
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (memcmp(programs[i], program, PROGRAM_SIZE) == 0)
			return 1;
	return 0;
}

/* Services that COBOL programs CALL. */

int RGNENQ(const char *mode);
int RGNDEQ(void);
int RGNPOINT(const unsigned char *writes);

/* RGNENQ waits for the files: 'S' shared with others that read, 'X' alone. */
int RGNENQ(const char *mode)
{
	int how = *mode == 'X' ? LOCK_EX : LOCK_SH;
	while (flock(lock_file, how) != 0)
		if (errno != EINTR)
			exit(70);
	return 0;
}

/* RGNDEQ gives the files back. */
int RGNDEQ(void)
{
	flock(lock_file, LOCK_UN);
	return 0;
}

/* RGNPOINT is called after every record written, with their number in the unit of work, and is
 * where a task dies midway when told to. */
int RGNPOINT(const unsigned char *writes)
{
	uint32_t n = (uint32_t)writes[0] << 24 | (uint32_t)writes[1] << 16 | (uint32_t)writes[2] << 8 | writes[3];

	if (current == NULL || n < 2)
		return 0;
	if (current->fault == FAULT_KILL_MIDWAY) {
		kill(region_pid, SIGKILL);
		for (;;)
			pause();
	}
	return current->fault == FAULT_ABEND_MIDWAY ? cob_call("BOOM", 0, NULL) : 0;
}

static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(70);
}

/* LINK: request and reply are the COMMAREA. */
static void link_program(struct areas *a)
{
	char name[PROGRAM_SIZE + 1];
	void *arguments[] = {a->request, a->reply, &a->link};

	if (a->fault == FAULT_SLOW) {
		struct timespec t = {a->millis / 1000, a->millis % 1000 * 1000000L};
		while (nanosleep(&t, &t) != 0 && errno == EINTR)
			;
	}
	while (a->fault == FAULT_HANG)
		pause();
	memcpy(name, a->fault == FAULT_ABEND ? "BOOM    " : (char *)a->request, PROGRAM_SIZE);
	name[PROGRAM_SIZE] = '\0';
	name[strcspn(name, " ")] = '\0';
	current = a;
	cob_call(name, strcmp(name, "BOOM") == 0 ? 0 : 3, arguments);
	current = NULL;
}

static void worker_main(struct areas *a, int pipe)
{
	char go;
	cob_init(0, NULL);
	/* A stop of the region lets tasks finish: it is not for the worker. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	while (read(pipe, &go, 1) == 1) {
		link_program(a);
		if (write(pipe, &go, 1) != 1)
			break;
	}
	_exit(0);
}

struct worker *worker_new(int connection)
{
	struct worker *w = calloc(1, sizeof *w);
	char path[4096];

	if (w == NULL)
		return NULL;
	snprintf(path, sizeof path, "%s/files.lock", options.data);
	w->connection = connection;
	w->areas = mmap(NULL, sizeof *w->areas, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (w->areas == MAP_FAILED || lock_file < 0) {
		free(w);
		return NULL;
	}
	return w;
}

void worker_free(struct worker *w)
{
	if (w->pid != 0) {
		close(w->pipe);
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
	}
	munmap(w->areas, sizeof *w->areas);
	close(lock_file);
	free(w);
}

static int worker_start(struct worker *w)
{
	int pair[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	w->pid = fork();
	if (w->pid == 0) {
		die_with(parent);
		close(pair[0]);
		close(w->connection);
		worker_main(w->areas, pair[1]);
	}
	close(pair[1]);
	w->pipe = pair[0];
	if (w->pid < 0) {
		w->pid = 0;
		close(w->pipe);
		return -1;
	}
	return 0;
}

/* Runs a program without COMMAREA in a child of its own: 0 if it ended with return code 0. */
static int run_alone(const char *program)
{
	int status;
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		die_with(parent);
		cob_init(0, NULL);
		_exit(cob_call(program, 0, NULL) == 0 ? 0 : 1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* The worker is gone or must go: undo what it left, then let others at the files. */
static void back_out(struct worker *w)
{
	close(w->pipe);
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	w->pid = 0;
	if (run_alone("BANKRCV") != 0)
		fprintf(stderr, "region: backout failed, the files stay closed until a restart\n");
	flock(lock_file, LOCK_UN);
}

enum task_end task_run(struct worker *w, const unsigned char *request, int request_length, enum fault fault,
		       int millis, unsigned char *reply, int *reply_length)
{
	struct areas *a = w->areas;
	struct pollfd p = {.events = POLLIN};
	char go = 'G';
	int ready;

	if (w->pid == 0 && worker_start(w) != 0)
		return TASK_ABENDED;
	memset(a, 0, sizeof *a);
	memcpy(a->request, request, (size_t)request_length);
	memset(a->link.status, ' ', sizeof a->link.status);
	a->link.request_length = request_length;
	a->fault = fault;
	a->millis = millis;
	if (write(w->pipe, &go, 1) != 1) {
		back_out(w);
		return TASK_ABENDED;
	}
	p.fd = w->pipe;
	do
		ready = poll(&p, 1, options.runaway_millis);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0 || read(w->pipe, &go, 1) != 1) {
		back_out(w);
		return ready == 0 ? TASK_RUNAWAY : TASK_ABENDED;
	}
	*reply_length = HEADER_SIZE;
	if (memcmp(a->link.status, "    ", 4) == 0) {
		if (a->link.reply_length < HEADER_SIZE || a->link.reply_length > MESSAGE_MAX)
			return TASK_ABENDED;
		*reply_length = a->link.reply_length;
		memcpy(a->link.status, "OK  ", 4);
	}
	memcpy(reply, a->reply, (size_t)*reply_length);
	memcpy(reply + PROGRAM_SIZE, a->link.status, 4);
	return TASK_DONE;
}

int data_prepare(void)
{
	static const char *const files[] = {"ACCOUNTS", "LEDGER", "REFS", "JOURNAL"};
	char path[4096], name[32], marker[4096];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s.DAT", options.data, files[i]);
		snprintf(name, sizeof name, "DD_%s", files[i]);
		setenv(name, path, 1);
	}
	setenv("COB_LIBRARY_PATH", options.programs, 1);
	snprintf(path, sizeof path, "%s/files.lock", options.data);
	lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_file < 0)
		return -1;
	/* The marker comes last: a bank that was not seeded to the end is seeded again. */
	snprintf(marker, sizeof marker, "%s/seeded", options.data);
	if (access(marker, F_OK) != 0) {
		int fd;
		if (run_alone("BANKSEED") != 0)
			return -1;
		fd = open(marker, O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || close(fd) != 0)
			return -1;
	}
	if (run_alone("BANKRCV") != 0)
		return -1;
	close(lock_file);
	lock_file = -1;
	return 0;
}
