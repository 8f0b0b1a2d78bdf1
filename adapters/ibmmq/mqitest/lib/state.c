/* SPDX-License-Identifier: Apache-2.0
 * The mapping, its lock, the entry and the exit of every call. */
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "mqi.h"

State *S;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_up(void)
{
	pthread_mutexattr_t ma;
	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&ma, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&S->mu, &ma);
	S->freeMessage = -1;
	S->ccsid = 1208;
	const char *define = getenv("MQI_DEFINE");
	int rc = define ? mqi_command(define, (int)strlen(define)) : 0;
	if (rc) {
		fprintf(stderr, "mqi: MQI_DEFINE cannot be read\n");
		abort();
	}
	S->magic = 1;
}

static void map(void)
{
	const char *path = getenv("MQI_STATE");
	int fd = -1, flags = MAP_SHARED | MAP_NORESERVE;
	if (path && *path) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || flock(fd, LOCK_EX) || ftruncate(fd, sizeof(State))) {
			perror("mqi: MQI_STATE");
			abort();
		}
	} else {
		flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	}
	S = mmap(NULL, sizeof(State), PROT_READ | PROT_WRITE, flags, fd, 0);
	if (S == MAP_FAILED) {
		perror("mqi: mmap");
		abort();
	}
	if (!S->magic)
		set_up();
	if (fd >= 0) {
		flock(fd, LOCK_UN); /* to close it would not do: the mapping holds on to it */
		close(fd);
	}
}

static void owned(int r)
{
	if (r == EOWNERDEAD) {
		pthread_mutex_consistent(&S->mu);
		mqi_reap();
	} else if (r) {
		fprintf(stderr, "mqi: lock: %s\n", strerror(r));
		abort();
	}
}

void mqi_lock(void)
{
	pthread_once(&once, map);
	owned(pthread_mutex_lock(&S->mu));
}

void mqi_unlock(void) { pthread_mutex_unlock(&S->mu); }
void mqi_changed(void)
{
	__atomic_add_fetch(&S->changes, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &S->changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}


long long mqi_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int mqi_wait(long long until)
{
	if (!until)
		until = mqi_now() + 3600000;
	long long left = until - mqi_now();
	if (left <= 0)
		return ETIMEDOUT;
	struct timespec t = {left / 1000, left % 1000 * 1000000};
	unsigned seen = __atomic_load_n(&S->changes, __ATOMIC_SEQ_CST);
	mqi_unlock();
	long r = syscall(SYS_futex, &S->changes, FUTEX_WAIT, seen, &t, NULL, 0);
	int late = r && errno == ETIMEDOUT;
	mqi_lock();
	return late ? ETIMEDOUT : 0;
}

int mqi_result(PMQLONG cc, PMQLONG rc, int code, int reason)
{
	*cc = code;
	*rc = reason;
	return code == MQCC_OK ? 0 : -1;
}

int mqi_index(Conn *c) { return (int)(c - S->conns); }

/* mqi_break ends a connection: open work is backed out, its handles are gone. */
void mqi_break(Conn *c)
{
	if (c->broken)
		return;
	c->broken = 1;
	mqi_settle(c, 0);
	for (int i = 0; i < OBJECTS; i++)
		if (S->objects[i].used && S->objects[i].conn == mqi_index(c))
			mqi_close(i);
	mqi_changed();
}

/* mqi_reap does so for the connections of processes that are gone. */
void mqi_reap(void)
{
	for (int i = 0; i < CONNS; i++) {
		Conn *c = &S->conns[i];
		if (c->used && c->pid != getpid() && kill(c->pid, 0) && errno == ESRCH) {
			mqi_break(c);
			c->used = 0;
		}
	}
}

static Conn *find(MQHCONN h)
{
	Conn *c = &S->conns[h & (CONNS - 1)];
	return h > 0 && c->used && c->generation == h / CONNS && c->pid == getpid() ? c : NULL;
}

static Fault *fault(Conn *c, const char *verb, int queue)
{
	for (Fault *f = S->faults; f < S->faults + FAULTS; f++) {
		if (!f->used || strcasecmp(f->verb, verb))
			continue;
		if (f->app[0] && strcmp(f->app, c->app))
			continue;
		if (f->queue[0] && (queue < 0 || strcmp(f->queue, S->queues[queue].name)))
			continue;
		if (f->skip > 0) {
			f->skip--;
			continue;
		}
		if (f->times > 0 && --f->times == 0)
			f->used = 0;
		return f;
	}
	return NULL;
}

/* mqi_fault gives the reason code that a verb shall have; 0 for none. */
int mqi_fault(Conn *c, const char *verb, int queue)
{
	Fault *f = fault(c, verb, queue);
	return f ? f->rc : 0;
}

static int lost(int rc) { return rc == MQRC_CONNECTION_BROKEN || rc == MQRC_CONNECTION_QUIESCING || rc == MQRC_CONNECTION_STOPPING || rc == MQRC_Q_MGR_STOPPING; }

/* mqi_enter takes the lock and the connection for one call. Without success it returns NULL and holds nothing. */
Conn *mqi_enter(MQHCONN h, const char *verb, int queue, PMQLONG cc, PMQLONG rc)
{
	int ctl = !strcmp(verb, "MQCTL") || !strcmp(verb, "MQDISC");
	mqi_result(cc, rc, MQCC_OK, MQRC_NONE);
	mqi_lock();
	Conn *c = find(h);
	while (c && c->busy && c->block) {
		mqi_wait(0);
		c = find(h);
	}
	int reason = 0;
	if (!c)
		reason = MQRC_HCONN_ERROR;
	else if (c->busy)
		reason = MQRC_CALL_IN_PROGRESS;
	else if (c->started && !c->suspended && !ctl && !pthread_equal(c->consumer, pthread_self()))
		reason = MQRC_HCONN_ASYNC_ACTIVE;
	else if (c->broken && !ctl)
		reason = MQRC_CONNECTION_BROKEN;
	if (reason) {
		mqi_result(cc, rc, MQCC_FAILED, reason);
		mqi_unlock();
		return NULL;
	}
	c->busy = 1;
	Fault *f = fault(c, verb, queue);
	if (!f)
		return c;
	int failure = f->rc, done = f->done;
	for (long long until = mqi_now() + f->delay; mqi_now() < until && !c->broken;)
		mqi_wait(until);
	if (done) {
		c->afterRC = failure;
		return c;
	}
	if (failure) {
		if (failure == MQRC_BACKED_OUT)
			mqi_settle(c, 0);
		c->afterRC = failure;
		mqi_leave(c, cc, rc);
		return NULL;
	}
	return c;
}

void mqi_leave(Conn *c, PMQLONG cc, PMQLONG rc)
{
	if (c->afterRC) {
		mqi_result(cc, rc, MQCC_FAILED, c->afterRC);
		if (lost(c->afterRC))
			mqi_break(c);
		c->afterRC = 0;
	}
	c->busy = 0;
	mqi_changed();
	mqi_unlock();
}

/* mqi_is_control reports whether a connection is of the tests' own, which no command ends. */
int mqi_is_control(Conn *c) { return !strcmp(c->app, "control"); }

static int login(MQCNO *o)
{
	MQCSP *p = o && o->Version >= 5 ? o->SecurityParmsPtr : NULL;
	int n = p ? p->CSPUserIdLength : 0, m = p ? p->CSPPasswordLength : 0;
	if (!S->user[0])
		return 1;
	return n == (int)strlen(S->user) && !memcmp(p->CSPUserIdPtr, S->user, n) && m == (int)strlen(S->password) && !memcmp(p->CSPPasswordPtr, S->password, m);
}

void MQCONNX(PMQCHAR name, PMQCNO o, PMQHCONN h, PMQLONG cc, PMQLONG rc)
{
	(void)name; /* there is one queue manager, and it answers to any name */
	*h = MQHC_UNUSABLE_HCONN;
	mqi_result(cc, rc, MQCC_FAILED, MQRC_MAX_CONNS_LIMIT_REACHED);
	mqi_lock();
	mqi_reap();
	Conn probe = {0};
	if (o && o->Version >= 7)
		mqi_name(probe.app, o->ApplName, 28);
	Fault *f = fault(&probe, "MQCONNX", -1);
	int warning = 0;
	if (f && f->rc == MQRC_SSL_ALREADY_INITIALIZED)
		warning = f->rc;
	else if (f && f->rc)
		mqi_result(cc, rc, MQCC_FAILED, f->rc);
	if (mqi_is_control(&probe))
		; /* it has to get in to start the queue manager again */
	else if (S->stopped)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_Q_MGR_NOT_AVAILABLE);
	else if (S->quiescing)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_Q_MGR_QUIESCING);
	else if (!login(o))
		mqi_result(cc, rc, MQCC_FAILED, MQRC_NOT_AUTHORIZED);
	if (*rc != MQRC_MAX_CONNS_LIMIT_REACHED) {
		mqi_unlock();
		return;
	}
	for (int i = 1; i < CONNS; i++) {
		Conn *c = &S->conns[i];
		if (c->used)
			continue;
		*c = probe;
		c->used = 1;
		c->pid = getpid();
		c->generation = S->generation = (S->generation + 1) & 0xFFFFF;
		c->block = o && (o->Options & MQCNO_HANDLE_SHARE_BLOCK) != 0;
		*h = c->generation * CONNS + i;
		mqi_result(cc, rc, warning ? MQCC_WARNING : MQCC_OK, warning);
		break;
	}
	mqi_unlock();
}

void MQDISC(PMQHCONN h, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(*h, "MQDISC", -1, cc, rc);
	if (!c)
		return;
	mqi_stop_consumer(c);
	mqi_forget_callbacks(mqi_index(c));
	int broken = c->broken;
	if (broken)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_CONNECTION_BROKEN);
	else
		mqi_settle(c, 1);
	mqi_break(c);
	c->used = 0;
	*h = MQHC_UNUSABLE_HCONN;
	mqi_leave(c, cc, rc);
}

static void settle(MQHCONN h, const char *verb, int commit, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, verb, -1, cc, rc);
	if (!c)
		return;
	mqi_settle(c, commit);
	mqi_leave(c, cc, rc);
}

void MQCMIT(MQHCONN h, PMQLONG cc, PMQLONG rc) { settle(h, "MQCMIT", 1, cc, rc); }
void MQBACK(MQHCONN h, PMQLONG cc, PMQLONG rc) { settle(h, "MQBACK", 0, cc, rc); }

static void refuse(MQHCONN h, const char *verb, int reason, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, verb, -1, cc, rc);
	if (!c)
		return;
	mqi_result(cc, rc, MQCC_FAILED, reason);
	mqi_leave(c, cc, rc);
}

void MQBEGIN(MQHCONN h, PMQVOID o, PMQLONG cc, PMQLONG rc) { (void)o; refuse(h, "MQBEGIN", MQRC_ENVIRONMENT_ERROR, cc, rc); }
void MQSUB(MQHCONN h, PMQVOID d, PMQHOBJ o, PMQHOBJ s, PMQLONG cc, PMQLONG rc) { (void)d; (void)o; (void)s; refuse(h, "MQSUB", MQRC_FUNCTION_NOT_SUPPORTED, cc, rc); }
void MQSUBRQ(MQHCONN h, MQHOBJ s, MQLONG a, PMQVOID o, PMQLONG cc, PMQLONG rc) { (void)s; (void)a; (void)o; refuse(h, "MQSUBRQ", MQRC_FUNCTION_NOT_SUPPORTED, cc, rc); }

void MQSTAT(MQHCONN h, MQLONG type, PMQVOID status, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, "MQSTAT", -1, cc, rc);
	if (!c)
		return;
	MQSTS *s = status; /* asynchronous puts are done at once, so there is nothing to report */
	(void)type;
	s->CompCode = s->Reason = s->PutSuccessCount = s->PutWarningCount = s->PutFailureCount = 0;
	mqi_leave(c, cc, rc);
}
