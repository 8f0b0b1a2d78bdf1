/* SPDX-License-Identifier: Apache-2.0
 *
 * The types, structures and entry points of the message queue interface, as far as mq-golang uses them.
 * Written from IBM's public documentation of the interface; not a copy of IBM's header. The values of the
 * constants come from mqconst.h, which mqigen makes from the mq-golang module. Test code only.
 */
#ifndef CMQC_H
#define CMQC_H

#include <stdint.h>
#include "mqconst.h"

#define MQENTRY
#define MQBNO_STRUC_ID "BNO "
typedef int32_t MQLONG, MQINT32, MQHCONN, MQHOBJ;
typedef uint32_t MQULONG;
typedef int64_t MQINT64, MQHMSG;
typedef int16_t MQINT16;
typedef int8_t MQINT8;
typedef float MQFLOAT32;
typedef double MQFLOAT64;
typedef unsigned char MQBYTE;
typedef char MQCHAR;
typedef void *MQPTR, *PMQVOID;
typedef MQBYTE *PMQBYTE;
typedef MQCHAR *PMQCHAR;
typedef MQLONG *PMQLONG;
typedef MQHCONN *PMQHCONN;
typedef MQHOBJ *PMQHOBJ;
typedef MQHMSG *PMQHMSG;
typedef MQCHAR MQCHAR4[4], MQCHAR8[8], MQCHAR12[12], MQCHAR20[20], MQCHAR28[28], MQCHAR32[32], MQCHAR48[48],
	MQCHAR64[64], MQCHAR128[128], MQCHAR256[256], MQCHAR264[264];
typedef MQBYTE MQBYTE4[4], MQBYTE8[8], MQBYTE16[16], MQBYTE24[24], MQBYTE32[32], MQBYTE40[40], MQBYTE128[128];

typedef struct tagMQCHARV {
	MQPTR VSPtr;
	MQLONG VSOffset, VSBufSize, VSLength, VSCCSID;
} MQCHARV;
typedef MQCHARV *PMQCHARV;

typedef struct tagMQMD {
	MQCHAR4 StrucId;
	MQLONG Version, Report, MsgType, Expiry, Feedback, Encoding, CodedCharSetId;
	MQCHAR8 Format;
	MQLONG Priority, Persistence;
	MQBYTE24 MsgId, CorrelId;
	MQLONG BackoutCount;
	MQCHAR48 ReplyToQ, ReplyToQMgr;
	MQCHAR12 UserIdentifier;
	MQBYTE32 AccountingToken;
	MQCHAR32 ApplIdentityData;
	MQLONG PutApplType;
	MQCHAR28 PutApplName;
	MQCHAR8 PutDate, PutTime;
	MQCHAR4 ApplOriginData;
	MQBYTE24 GroupId;
	MQLONG MsgSeqNumber, Offset, MsgFlags, OriginalLength;
} MQMD;
typedef MQMD *PMQMD;

typedef struct tagMQOD {
	MQCHAR4 StrucId;
	MQLONG Version, ObjectType;
	MQCHAR48 ObjectName, ObjectQMgrName, DynamicQName;
	MQCHAR12 AlternateUserId;
	MQLONG RecsPresent, KnownDestCount, UnknownDestCount, InvalidDestCount, ObjectRecOffset, ResponseRecOffset;
	MQPTR ObjectRecPtr, ResponseRecPtr;
	MQBYTE40 AlternateSecurityId;
	MQCHAR48 ResolvedQName, ResolvedQMgrName;
	MQCHARV ObjectString, SelectionString, ResObjectString;
	MQLONG ResolvedType;
} MQOD;
typedef MQOD *PMQOD;

typedef struct tagMQGMO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, WaitInterval, Signal1, Signal2;
	MQCHAR48 ResolvedQName;
	MQLONG MatchOptions;
	MQCHAR GroupStatus, SegmentStatus, Segmentation, Reserved1;
	MQBYTE16 MsgToken;
	MQLONG ReturnedLength, Reserved2;
	MQHMSG MsgHandle;
} MQGMO;
typedef MQGMO *PMQGMO;

typedef struct tagMQPMO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, Timeout, Context, KnownDestCount, UnknownDestCount, InvalidDestCount;
	MQCHAR48 ResolvedQName, ResolvedQMgrName;
	MQLONG RecsPresent, PutMsgRecFields, PutMsgRecOffset, ResponseRecOffset;
	MQPTR PutMsgRecPtr, ResponseRecPtr;
	MQHMSG OriginalMsgHandle, NewMsgHandle;
	MQLONG Action, PubLevel;
} MQPMO;
typedef MQPMO *PMQPMO;

typedef struct tagMQCSP {
	MQCHAR4 StrucId;
	MQLONG Version, AuthenticationType;
	MQBYTE4 Reserved1;
	MQPTR CSPUserIdPtr;
	MQLONG CSPUserIdOffset, CSPUserIdLength;
	MQBYTE8 Reserved2;
	MQPTR CSPPasswordPtr;
	MQLONG CSPPasswordOffset, CSPPasswordLength;
	MQBYTE8 Reserved3;
	MQPTR InitialKeyPtr;
	MQLONG InitialKeyOffset, InitialKeyLength;
	MQBYTE8 Reserved4;
	MQPTR TokenPtr;
	MQLONG TokenOffset, TokenLength;
} MQCSP;
typedef MQCSP *PMQCSP;

typedef struct tagMQSCO {
	MQCHAR4 StrucId;
	MQLONG Version;
	MQCHAR256 KeyRepository, CryptoHardware;
	MQLONG AuthInfoRecCount, AuthInfoRecOffset;
	MQPTR AuthInfoRecPtr;
	MQLONG KeyResetCount, FipsRequired, EncryptionPolicySuiteB[4], CertificateValPolicy;
	MQCHAR64 CertificateLabel;
	MQPTR KeyRepoPasswordPtr;
	MQLONG KeyRepoPasswordOffset, KeyRepoPasswordLength, HTTPSCertValidation, HTTPSCertRevocation;
	MQPTR HTTPSKeyStorePtr;
	MQLONG HTTPSKeyStoreOffset, HTTPSKeyStoreLength;
} MQSCO;
typedef MQSCO *PMQSCO;

typedef struct tagMQBNO {
	MQCHAR4 StrucId;
	MQLONG Version, ApplType, Timeout, Options;
} MQBNO;
typedef MQBNO *PMQBNO;

typedef struct tagMQCNO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, ClientConnOffset;
	MQPTR ClientConnPtr;
	MQBYTE128 ConnTag;
	PMQSCO SSLConfigPtr;
	MQLONG SSLConfigOffset;
	MQBYTE24 ConnectionId;
	MQLONG SecurityParmsOffset;
	PMQCSP SecurityParmsPtr;
	PMQCHAR CCDTUrlPtr;
	MQLONG CCDTUrlOffset, CCDTUrlLength;
	MQBYTE8 Reserved;
	MQCHAR28 ApplName;
	MQBYTE4 Reserved2;
	PMQBNO BalanceParmsPtr;
	MQLONG BalanceParmsOffset;
	MQBYTE4 Reserved3;
} MQCNO;
typedef MQCNO *PMQCNO;

typedef struct tagMQSD {
	MQCHAR4 StrucId;
	MQLONG Version, Options;
	MQCHAR48 ObjectName;
	MQCHAR12 AlternateUserId;
	MQBYTE40 AlternateSecurityId;
	MQLONG SubExpiry;
	MQCHARV ObjectString, SubName, SubUserData;
	MQBYTE24 SubCorrelId;
	MQLONG PubPriority;
	MQBYTE32 PubAccountingToken;
	MQCHAR32 PubApplIdentityData;
	MQCHARV SelectionString;
	MQLONG SubLevel;
	MQCHARV ResObjectString;
} MQSD;
typedef MQSD *PMQSD;

typedef struct tagMQSTS {
	MQCHAR4 StrucId;
	MQLONG Version, CompCode, Reason, PutSuccessCount, PutWarningCount, PutFailureCount, ObjectType;
	MQCHAR48 ObjectName, ObjectQMgrName, ResolvedObjectName, ResolvedQMgrName;
	MQCHARV ObjectString, SubName;
	MQLONG OpenOptions, SubOptions;
} MQSTS;
typedef MQSTS *PMQSTS;

typedef struct tagMQCBC {
	MQCHAR4 StrucId;
	MQLONG Version, CallType;
	MQHOBJ Hobj;
	MQPTR CallbackArea, ConnectionArea;
	MQLONG CompCode, Reason, State, DataLength, BufferLength, Flags, ReconnectDelay;
} MQCBC;
typedef MQCBC *PMQCBC;

typedef struct tagMQCBD {
	MQCHAR4 StrucId;
	MQLONG Version, CallbackType, Options;
	MQPTR CallbackArea, CallbackFunction;
	MQCHAR128 CallbackName;
	MQLONG MaxMsgLength;
} MQCBD;
typedef MQCBD *PMQCBD;

typedef struct tagMQCTLO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, Reserved;
	MQPTR ConnectionArea;
} MQCTLO;
typedef MQCTLO *PMQCTLO;

typedef struct tagMQIMPO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, RequestedEncoding, RequestedCCSID, ReturnedEncoding, ReturnedCCSID, Reserved1;
	MQCHARV ReturnedName;
	MQCHAR8 TypeString;
} MQIMPO;
typedef MQIMPO *PMQIMPO;

typedef struct tagMQSMPO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, ValueEncoding, ValueCCSID;
} MQSMPO;
typedef MQSMPO *PMQSMPO;

typedef struct tagMQPD {
	MQCHAR4 StrucId;
	MQLONG Version, Options, Support, Context, CopyOptions;
} MQPD;
typedef MQPD *PMQPD;

typedef struct tagMQSRO {
	MQCHAR4 StrucId;
	MQLONG Version, Options, NumPubs;
} MQSRO;
typedef MQSRO *PMQSRO;

typedef struct tagMQBO {
	MQCHAR4 StrucId;
	MQLONG Version, Options;
} MQBO, MQCMHO, MQDMHO, MQDMPO;
typedef MQBO *PMQBO;
typedef MQCMHO *PMQCMHO;
typedef MQDMHO *PMQDMHO;
typedef MQDMPO *PMQDMPO;

#define MQI_SIZE(type) _Static_assert(sizeof(type) == type##_CURRENT_LENGTH, "size of " #type)
MQI_SIZE(MQMD);
MQI_SIZE(MQOD);
MQI_SIZE(MQGMO);
MQI_SIZE(MQPMO);
MQI_SIZE(MQCSP);
MQI_SIZE(MQSCO);
MQI_SIZE(MQBNO);
MQI_SIZE(MQCNO);
MQI_SIZE(MQSD);
MQI_SIZE(MQSTS);
MQI_SIZE(MQCBC);
MQI_SIZE(MQCBD);
MQI_SIZE(MQCTLO);
MQI_SIZE(MQIMPO);
MQI_SIZE(MQSMPO);
MQI_SIZE(MQPD);
MQI_SIZE(MQSRO);
MQI_SIZE(MQBO);
MQI_SIZE(MQCMHO);
MQI_SIZE(MQDMHO);
MQI_SIZE(MQDMPO);

#define MQI_END PMQLONG pCompCode, PMQLONG pReason
void MQBACK(MQHCONN hConn, MQI_END);
void MQBEGIN(MQHCONN hConn, PMQVOID pBeginOptions, MQI_END);
void MQCB(MQHCONN hConn, MQLONG Operation, PMQVOID pCallbackDesc, MQHOBJ hObj, PMQVOID pMsgDesc, PMQVOID pGetMsgOpts, MQI_END);
void MQCLOSE(MQHCONN hConn, PMQHOBJ phObj, MQLONG Options, MQI_END);
void MQCMIT(MQHCONN hConn, MQI_END);
void MQCONNX(PMQCHAR pQMgrName, PMQCNO pConnectOpts, PMQHCONN phConn, MQI_END);
void MQCRTMH(MQHCONN hConn, PMQVOID pCrtMsgHOpts, PMQHMSG phMsg, MQI_END);
void MQCTL(MQHCONN hConn, MQLONG Operation, PMQVOID pControlOpts, MQI_END);
void MQDISC(PMQHCONN phConn, MQI_END);
void MQDLTMH(MQHCONN hConn, PMQHMSG phMsg, PMQVOID pDltMsgHOpts, MQI_END);
void MQDLTMP(MQHCONN hConn, MQHMSG hMsg, PMQVOID pDltPropOpts, PMQVOID pName, MQI_END);
void MQGET(MQHCONN hConn, MQHOBJ hObj, PMQVOID pMsgDesc, PMQVOID pGetMsgOpts, MQLONG BufferLength, PMQVOID pBuffer, PMQLONG pDataLength, MQI_END);
void MQINQ(MQHCONN hConn, MQHOBJ hObj, MQLONG SelectorCount, PMQLONG pSelectors, MQLONG IntAttrCount, PMQLONG pIntAttrs, MQLONG CharAttrLength, PMQCHAR pCharAttrs, MQI_END);
void MQINQMP(MQHCONN hConn, MQHMSG hMsg, PMQVOID pInqPropOpts, PMQVOID pName, PMQVOID pPropDesc, PMQLONG pType, MQLONG ValueLength, PMQVOID pValue, PMQLONG pDataLength, MQI_END);
void MQOPEN(MQHCONN hConn, PMQVOID pObjDesc, MQLONG Options, PMQHOBJ phObj, MQI_END);
void MQPUT(MQHCONN hConn, MQHOBJ hObj, PMQVOID pMsgDesc, PMQVOID pPutMsgOpts, MQLONG BufferLength, PMQVOID pBuffer, MQI_END);
void MQPUT1(MQHCONN hConn, PMQVOID pObjDesc, PMQVOID pMsgDesc, PMQVOID pPutMsgOpts, MQLONG BufferLength, PMQVOID pBuffer, MQI_END);
void MQSET(MQHCONN hConn, MQHOBJ hObj, MQLONG SelectorCount, PMQLONG pSelectors, MQLONG IntAttrCount, PMQLONG pIntAttrs, MQLONG CharAttrLength, PMQCHAR pCharAttrs, MQI_END);
void MQSETMP(MQHCONN hConn, MQHMSG hMsg, PMQVOID pSetPropOpts, PMQVOID pName, PMQVOID pPropDesc, MQLONG Type, MQLONG ValueLength, PMQVOID pValue, MQI_END);
void MQSTAT(MQHCONN hConn, MQLONG Type, PMQVOID pStatus, MQI_END);
void MQSUB(MQHCONN hConn, PMQVOID pSubDesc, PMQHOBJ phObj, PMQHOBJ phSub, MQI_END);
void MQSUBRQ(MQHCONN hConn, MQHOBJ hSub, MQLONG Action, PMQVOID pSubRqOpts, MQI_END);

#endif
