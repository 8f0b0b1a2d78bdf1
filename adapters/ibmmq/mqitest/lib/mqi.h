/* SPDX-License-Identifier: Apache-2.0
 *
 * A stand-in for the client library of a queue manager: what its parts share. Test code only.
 *
 * All state is in one mapping of fixed tables that hold indexes, no pointers: with MQI_STATE=FILE processes
 * that map the same file share one queue manager; without it each process has its own.
 */
#ifndef MQI_H
#define MQI_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <cmqc.h>
#include <cmqxc.h>

enum { QUEUES = 4096, CONNS = 1024, OBJECTS = 8192, MESSAGES = 4096, FAULTS = 64, BODY = 1 << 20, PROPS = 64 << 10, CALLBACKS = 16 };
enum { COMMITTED, PUT_PENDING, GOT_PENDING };
enum { CONTROL_QUEUE = -2, MANAGER = -3 };

typedef struct {
	int used, model, definition; /* definition: MQQDT_* */
	int maxDepth, maxLength, putInhibited, getInhibited, backoutThreshold, persistence, priority;
	char name[49], backoutQueue[49];
	int head, tail, depth, inputs, outputs, exclusive;
	int creator; /* the handle that made a temporary queue, or -1 */
} Queue;

typedef struct {
	int used, next, prev, queue, state, conn;
	long long expires; /* ms of the monotonic clock, 0 for never */
	long long id;
	int length, propsLength;
	MQMD md;
} Message;

typedef struct {
	int used, conn, queue, options;
	long long cursor;
} Object;

typedef struct {
	int used, pid, generation, busy, block, broken, quiescing;
	char app[29];
	int afterRC; /* what the running call shall report although it was done */
	int started, suspended, stopping, consuming;
	pthread_t consumer;
} Conn;

typedef struct {
	int used, rc, skip, times, done, delay;
	char verb[16], queue[49], app[29];
} Fault;

typedef struct {
	int magic, stopped, quiescing, ccsid;
	pthread_mutex_t mu;
	/* changes counts what happened; waiters sleep on it. A condition variable would not outlive a waiter that is killed. */
	unsigned changes;
	long long sequence;
	int generation;
	int freeMessage, usedMessages;
	char user[65], password[65]; /* what a login must be; empty: anything */
	Queue queues[QUEUES];
	Conn conns[CONNS];
	Object objects[OBJECTS];
	Fault faults[FAULTS];
	Message messages[MESSAGES];
	unsigned char data[MESSAGES][BODY + PROPS];
} State;

extern State *S;

/* state.c */
void mqi_lock(void);
void mqi_unlock(void);
void mqi_changed(void);
int mqi_wait(long long until); /* 0, or ETIMEDOUT; until 0 is for ever */
long long mqi_now(void);
Conn *mqi_enter(MQHCONN h, const char *verb, int queue, PMQLONG cc, PMQLONG rc);
int mqi_fault(Conn *c, const char *verb, int queue);
void mqi_leave(Conn *c, PMQLONG cc, PMQLONG rc);
int mqi_result(PMQLONG cc, PMQLONG rc, int code, int reason);
void mqi_break(Conn *c);
int mqi_index(Conn *c);
void mqi_reap(void);
int mqi_is_control(Conn *c);

/* queue.c */
int mqi_find(const char *name);
int mqi_define(const char *name);
void mqi_drop(int queue);
void mqi_clear(int queue);
void mqi_name(char *to, const char *from, int n);
void mqi_blank(char *to, const char *from, int n);
Object *mqi_object(Conn *c, MQHOBJ h);
int mqi_queue(MQHOBJ h);
void mqi_close(int object);
void mqi_free(int message);
void mqi_append(int queue, int message);
int mqi_new(int length);
void mqi_settle(Conn *c, int commit);

/* message.c */
int mqi_get(Conn *c, Object *o, MQMD *md, MQGMO *gmo, int room, void *buffer, PMQLONG length, PMQLONG cc, PMQLONG rc, int wait);
int mqi_put(Conn *c, int queue, MQMD *md, MQPMO *pmo, int length, const void *body, PMQLONG cc, PMQLONG rc);
void mqi_report(Message *m, int feedback);

/* handle.c */
int mqi_properties_out(MQHMSG h, unsigned char *to, int room);
int mqi_properties_in(MQHMSG h, const unsigned char *from, int n);

/* async.c */
void mqi_stop_consumer(Conn *c);
void mqi_forget_callbacks(int conn);

/* control.c */
int mqi_command(const char *text, int length); /* 0 or a reason code */

#endif
