000100*================================================================
000200* XFERINQ  WAS A TRANSFER DONE?            COMMAREA OF PGM XFERINQ
000300* 2024-11-04 HKB  FIRST VERSION
000400*================================================================
000500 01  XFQ-REQUEST.
000600     COPY REGHDR.
000700     05  XFQ-FROM                    PIC X(10).
000800     05  XFQ-REFERENCE               PIC X(20).
000900*    AS IT WAS NAMED BY THE REQUEST OF XFER
001000     05  XFQ-EXCHANGE                PIC X(36).
001100 01  XFQ-REPLY.
001200     COPY REGHDR.
001300     05  XFQ-RC                      PIC X(2).
001400         88  XFQ-DONE                VALUE '00'.
001500         88  XFQ-NOT-DONE            VALUE '04'.
001600         88  XFQ-FILE-ERROR          VALUE '90'.
001700     05  XFQ-EXCHANGE                PIC X(36).
001800     05  XFQ-ID                      PIC X(12).
001900     05  XFQ-BOOKED                  PIC 9(8).
002000     05  XFQ-VALUE-DATE              PIC 9(8).
002100*    OF THE DEBITED ACCOUNT, AFTER THE TRANSFER
002200     05  XFQ-BALANCE                 PIC S9(11)V99 COMP-3.
