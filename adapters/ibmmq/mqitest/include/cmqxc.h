/* SPDX-License-Identifier: Apache-2.0
 *
 * The client channel definition: the fields in the order in which mq-golang fills them, the lengths by their
 * names, and the sizes of all versions checked against the published ones. Test code only.
 */
#ifndef CMQXC_H
#define CMQXC_H
#include <stddef.h>
#include <cmqc.h>

typedef struct tagMQCD {
	MQCHAR ChannelName[MQ_CHANNEL_NAME_LENGTH];
	MQLONG Version;
	MQLONG ChannelType;
	MQLONG TransportType;
	MQCHAR Desc[MQ_CHANNEL_DESC_LENGTH];
	MQCHAR QMgrName[MQ_OBJECT_NAME_LENGTH];
	MQCHAR XmitQName[MQ_OBJECT_NAME_LENGTH];
	MQCHAR ShortConnectionName[MQ_SHORT_CONN_NAME_LENGTH];
	MQCHAR MCAName[MQ_MCA_NAME_LENGTH];
	MQCHAR ModeName[MQ_MODE_NAME_LENGTH];
	MQCHAR TpName[MQ_TP_NAME_LENGTH];
	MQLONG BatchSize;
	MQLONG DiscInterval;
	MQLONG ShortRetryCount;
	MQLONG ShortRetryInterval;
	MQLONG LongRetryCount;
	MQLONG LongRetryInterval;
	MQCHAR SecurityExit[MQ_EXIT_NAME_LENGTH];
	MQCHAR MsgExit[MQ_EXIT_NAME_LENGTH];
	MQCHAR SendExit[MQ_EXIT_NAME_LENGTH];
	MQCHAR ReceiveExit[MQ_EXIT_NAME_LENGTH];
	MQLONG SeqNumberWrap;
	MQLONG MaxMsgLength;
	MQLONG PutAuthority;
	MQLONG DataConversion;
	MQCHAR SecurityUserData[MQ_EXIT_DATA_LENGTH];
	MQCHAR MsgUserData[MQ_EXIT_DATA_LENGTH];
	MQCHAR SendUserData[MQ_EXIT_DATA_LENGTH];
	MQCHAR ReceiveUserData[MQ_EXIT_DATA_LENGTH];
	MQCHAR UserIdentifier[MQ_USER_ID_LENGTH];
	MQCHAR Password[MQ_PASSWORD_LENGTH];
	MQCHAR MCAUserIdentifier[MQ_USER_ID_LENGTH];
	MQLONG MCAType;
	MQCHAR ConnectionName[MQ_CONN_NAME_LENGTH];
	MQCHAR RemoteUserIdentifier[MQ_USER_ID_LENGTH];
	MQCHAR RemotePassword[MQ_PASSWORD_LENGTH];
	MQCHAR MsgRetryExit[MQ_EXIT_NAME_LENGTH];
	MQCHAR MsgRetryUserData[MQ_EXIT_DATA_LENGTH];
	MQLONG MsgRetryCount;
	MQLONG MsgRetryInterval;
	MQLONG HeartbeatInterval;
	MQLONG BatchInterval;
	MQLONG NonPersistentMsgSpeed;
	MQLONG StrucLength;
	MQLONG ExitNameLength;
	MQLONG ExitDataLength;
	MQLONG MsgExitsDefined;
	MQLONG SendExitsDefined;
	MQLONG ReceiveExitsDefined;
	MQPTR MsgExitPtr;
	MQPTR MsgUserDataPtr;
	MQPTR SendExitPtr;
	MQPTR SendUserDataPtr;
	MQPTR ReceiveExitPtr;
	MQPTR ReceiveUserDataPtr;
	MQPTR ClusterPtr;
	MQLONG ClustersDefined;
	MQLONG NetworkPriority;
	MQLONG LongMCAUserIdLength;
	MQLONG LongRemoteUserIdLength;
	MQPTR LongMCAUserIdPtr;
	MQPTR LongRemoteUserIdPtr;
	MQBYTE MCASecurityId[MQ_SECURITY_ID_LENGTH];
	MQBYTE RemoteSecurityId[MQ_SECURITY_ID_LENGTH];
	MQCHAR SSLCipherSpec[MQ_SSL_CIPHER_SPEC_LENGTH];
	MQPTR SSLPeerNamePtr;
	MQLONG SSLPeerNameLength;
	MQLONG SSLClientAuth;
	MQLONG KeepAliveInterval;
	MQCHAR LocalAddress[MQ_LOCAL_ADDRESS_LENGTH];
	MQLONG BatchHeartbeat;
	MQLONG HdrCompList[2];
	MQLONG MsgCompList[16];
	MQLONG CLWLChannelRank;
	MQLONG CLWLChannelPriority;
	MQLONG CLWLChannelWeight;
	MQLONG ChannelMonitoring;
	MQLONG ChannelStatistics;
	MQLONG SharingConversations;
	MQLONG PropertyControl;
	MQLONG MaxInstances;
	MQLONG MaxInstancesPerClient;
	MQLONG ClientChannelWeight;
	MQLONG ConnectionAffinity;
	MQLONG BatchDataLimit;
	MQLONG UseDLQ;
	MQLONG DefReconnect;
	MQCHAR CertificateLabel[MQ_CERT_LABEL_LENGTH];
	MQLONG SPLProtection;
} MQCD;
typedef MQCD *PMQCD;

MQI_SIZE(MQCD);
/* A version ends where the first field of the next begins. */
#define MQI_PART(n, next) _Static_assert(offsetof(MQCD, next) == MQCD_LENGTH_##n, "MQCD version " #n)
MQI_PART(1, UserIdentifier);
MQI_PART(2, MsgRetryExit);
MQI_PART(3, HeartbeatInterval);
MQI_PART(4, ClusterPtr);
MQI_PART(5, LongMCAUserIdLength);
MQI_PART(6, SSLCipherSpec);
MQI_PART(7, HdrCompList);
MQI_PART(8, PropertyControl);
MQI_PART(9, UseDLQ);
MQI_PART(10, CertificateLabel);
MQI_PART(11, SPLProtection);
#endif
