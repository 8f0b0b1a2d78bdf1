/* SPDX-License-Identifier: Apache-2.0 */

/* The region: options, listener, connections, frames. */

#include "region.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 512, GRACE_MILLIS = 3000 };

struct options options = {
	.address = "127.0.0.1", .port = 9301, .data = "data", .programs = ".", .max_tasks = 64, .runaway_millis = 30000};
struct shared *shared;
pid_t region_pid;

static volatile sig_atomic_t stopping;
static sigset_t normal_mask; /* SIGTERM and SIGCHLD are let in only while waiting */
static pid_t connections[CONNECTIONS_MAX];
static int connection_count;

static void on_stop(int signal)
{
	(void)signal;
	stopping = 1;
}

static void on_child(int signal)
{
	(void)signal;
}

/* Frames: four bytes of length, big-endian, counting themselves. */

static int wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	return ppoll(&p, 1, NULL, &normal_mask) == 1 ? 0 : -1;
}

/* Reads n bytes; stops between messages, not within one, when the region does. */
static int read_all(int fd, unsigned char *buffer, int n, int between)
{
	for (int got = 0; got < n;) {
		if (between && got == 0 && (stopping || (wait_for(fd, POLLIN) != 0 && stopping)))
			return -1;
		ssize_t r = read(fd, buffer + got, (size_t)(n - got));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		got += (int)r;
	}
	return 0;
}

static int read_message(int fd, unsigned char *message, int *length)
{
	unsigned char prefix[4];
	uint32_t n;

	if (read_all(fd, prefix, 4, 1) != 0)
		return -1;
	n = (uint32_t)prefix[0] << 24 | (uint32_t)prefix[1] << 16 | (uint32_t)prefix[2] << 8 | prefix[3];
	if (n < 4 + HEADER_SIZE || n > 4 + MESSAGE_MAX) {
		fprintf(stderr, "region: frame of %u bytes refused\n", n);
		return -1;
	}
	*length = (int)n - 4;
	return read_all(fd, message, *length, 0);
}

static int write_message(int fd, const unsigned char *message, int length)
{
	unsigned char frame[4 + MESSAGE_MAX];
	uint32_t n = (uint32_t)length + 4;

	frame[0] = (unsigned char)(n >> 24);
	frame[1] = (unsigned char)(n >> 16);
	frame[2] = (unsigned char)(n >> 8);
	frame[3] = (unsigned char)n;
	memcpy(frame + 4, message, (size_t)length);
	for (int done = 0; done < length + 4;) {
		ssize_t w = write(fd, frame + done, (size_t)(length + 4 - done));
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		done += (int)w;
	}
	return 0;
}

/* The header of a reply: the request's program, a status, an abend code, the task. */
static void put_header(unsigned char *reply, const unsigned char *request, const char *status, const char *abend,
		       unsigned task)
{
	memcpy(reply, request, PROGRAM_SIZE);
	if (status != NULL)
		memcpy(reply + 8, status, 4);
	memcpy(reply + 12, abend, 4);
	reply[16] = (unsigned char)(task >> 24);
	reply[17] = (unsigned char)(task >> 16);
	reply[18] = (unsigned char)(task >> 8);
	reply[19] = (unsigned char)task;
}

/* One exchange; -1 means that the connection is to be closed. */
static int serve(int fd, struct worker *w, const unsigned char *request, int length)
{
	static unsigned char reply[MESSAGE_MAX];
	const char *program = (const char *)request;
	int reply_length = HEADER_SIZE, millis = 0;
	unsigned task = atomic_fetch_add(&shared->tasks, 1) % 99999999 + 1;
	enum fault fault = FAULT_NONE;

	if (memcmp(program, "CONTROL ", PROGRAM_SIZE) == 0) {
		int bad = fault_command(program + HEADER_SIZE, (size_t)(length - HEADER_SIZE));
		put_header(reply, request, bad ? "LERR" : "OK  ", "    ", task);
		return write_message(fd, reply, reply_length);
	}
	if (!program_known(program)) {
		put_header(reply, request, "NPGM", "    ", task);
		return write_message(fd, reply, reply_length);
	}
	fault = fault_take(program, &millis);
	if (fault == FAULT_DROP_BEFORE)
		return -1;
	if (atomic_fetch_add(&shared->running, 1) >= options.max_tasks || fault == FAULT_BUSY) {
		put_header(reply, request, "BUSY", "    ", task);
	} else {
		switch (task_run(w, request, length, fault, millis, reply, &reply_length)) {
		case TASK_DONE:
			put_header(reply, request, NULL, "    ", task);
			break;
		case TASK_ABENDED:
			put_header(reply, request, "ABND", "ASRA", task);
			reply_length = HEADER_SIZE;
			fprintf(stderr, "region: task %u abended ASRA\n", task);
			break;
		case TASK_RUNAWAY:
			put_header(reply, request, "ABND", "AICA", task);
			reply_length = HEADER_SIZE;
			fprintf(stderr, "region: task %u abended AICA\n", task);
			break;
		}
	}
	atomic_fetch_sub(&shared->running, 1);
	return fault == FAULT_DROP_AFTER ? -1 : write_message(fd, reply, reply_length);
}

static void connection_main(int fd)
{
	static unsigned char request[MESSAGE_MAX];
	int length;
	struct worker *w;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != region_pid || (w = worker_new(fd)) == NULL)
		_exit(70);
	signal(SIGCHLD, SIG_DFL);
	while (read_message(fd, request, &length) == 0 && serve(fd, w, request, length) == 0)
		;
	worker_free(w);
	_exit(0);
}

static void reap(void)
{
	pid_t pid;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (int i = 0; i < connection_count; i++)
			if (connections[i] == pid) {
				connections[i] = connections[--connection_count];
				break;
			}
}

static void accept_one(int listener)
{
	pid_t pid;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (connection_count < CONNECTIONS_MAX) {
		pid = fork();
		if (pid == 0) {
			close(listener);
			connection_main(fd);
		}
		if (pid > 0)
			connections[connection_count++] = pid;
	}
	close(fd);
}

static void stop_all(int how)
{
	for (int i = 0; i < connection_count; i++)
		kill(connections[i], how);
}

/* Lets the tasks at work finish, then ends what is left. */
static void shut_down(void)
{
	struct timespec tick = {0, 10000000};
	stop_all(SIGTERM);
	for (int waited = 0; waited < GRACE_MILLIS; waited += 10) {
		reap();
		if (connection_count == 0)
			return;
		nanosleep(&tick, NULL);
	}
	stop_all(SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static int listen_on(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
	socklen_t size = sizeof a;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (inet_pton(AF_INET, options.address, &a.sin_addr) != 1) {
		fprintf(stderr, "region: %s is not an IPv4 address\n", options.address);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 128) != 0) {
		fprintf(stderr, "region: cannot listen on %s:%d: %s\n", options.address, options.port, strerror(errno));
		return -1;
	}
	getsockname(fd, (struct sockaddr *)&a, &size);
	printf("region listening on %s:%d\n", options.address, ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

/* One region for each data folder. Waits a little, since processes of one that was killed may
 * still be on their way out. */
static int own_data(void)
{
	char path[4096];
	struct timespec tick = {0, 50000000};
	int fd;

	if (mkdir(options.data, 0700) != 0 && errno != EEXIST)
		return -1;
	snprintf(path, sizeof path, "%s/region.lock", options.data);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; fd >= 0 && i < 100; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		nanosleep(&tick, NULL);
	}
	return -1;
}

static void usage(void)
{
	fputs("usage: region --data DIR --programs DIR [--address IPV4] [--port N] [--max-tasks N]\n"
	      "              [--runaway MILLISECONDS] [--fault \"SLOW XFER 500\"]...\n",
	      stderr);
	exit(2);
}

static int natural(const char *text, int least)
{
	char *end;
	long n = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || n < least || n > 3600000)
		usage();
	return (int)n;
}

static void read_options(int argc, char **argv)
{
	static const struct option known[] = {{"data", 1, NULL, 'd'},    {"programs", 1, NULL, 'p'}, {"port", 1, NULL, 'l'},
					      {"address", 1, NULL, 'a'}, {"max-tasks", 1, NULL, 'm'}, {"runaway", 1, NULL, 'r'},
					      {"fault", 1, NULL, 'f'},   {NULL, 0, NULL, 0}};
	int o;
	while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (o) {
		case 'd': options.data = optarg; break;
		case 'p': options.programs = optarg; break;
		case 'a': options.address = optarg; break;
		case 'l': options.port = natural(optarg, 0); break;
		case 'm': options.max_tasks = natural(optarg, 1); break;
		case 'r': options.runaway_millis = natural(optarg, 1); break;
		case 'f':
			if (fault_command(optarg, strlen(optarg)) != 0)
				usage();
			break;
		default: usage();
		}
	}
	if (optind != argc || options.port > 65535)
		usage();
}

static void catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop}, child = {.sa_handler = on_child};
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGCHLD);
	sigprocmask(SIG_BLOCK, &held, &normal_mask);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGCHLD, &child, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	int listener;

	region_pid = getpid();
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	read_options(argc, argv);
	catch_signals();
	if (own_data() != 0) {
		fprintf(stderr, "region: %s cannot be used, or another region uses it\n", options.data);
		return 1;
	}
	if (data_prepare() != 0) {
		fprintf(stderr, "region: the files in %s cannot be prepared\n", options.data);
		return 1;
	}
	listener = listen_on();
	if (listener < 0)
		return 1;
	while (!stopping) {
		if (wait_for(listener, POLLIN) == 0)
			accept_one(listener);
		reap();
	}
	close(listener);
	shut_down();
	return 0;
}
