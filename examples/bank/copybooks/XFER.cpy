000100*================================================================
000200* XFER     TRANSFER BETWEEN TWO ACCOUNTS     COMMAREA OF PGM XFER
000300* 1999-01-18 HKB  FIRST VERSION, EURO
000400* 2003-09-30 MWE  REFERENCE MUST BE NEW FOR THE DEBITED ACCOUNT
000500*================================================================
000600 01  XFR-REQUEST.
000700     COPY REGHDR.
000800     05  XFR-FROM                    PIC X(10).
000900     05  XFR-TO                      PIC X(10).
001000     05  XFR-AMOUNT                  PIC S9(11)V99 COMP-3.
001100     05  XFR-CURRENCY                PIC X(3).
001200     05  XFR-REFERENCE               PIC X(20).
001300*    ZERO MEANS TODAY
001400     05  XFR-VALUE-DATE              PIC 9(8).
001500     05  FILLER                      PIC X(7).
001600 01  XFR-REPLY.
001700     COPY REGHDR.
001800     05  XFR-RC                      PIC X(2).
001900         88  XFR-DONE                VALUE '00'.
002000         88  XFR-NO-DEBTOR           VALUE '04'.
002100         88  XFR-NO-CREDITOR         VALUE '05'.
002200         88  XFR-BLOCKED             VALUE '06'.
002300         88  XFR-FUNDS               VALUE '08'.
002400         88  XFR-OTHER-CURRENCY      VALUE '10'.
002500         88  XFR-DUPLICATE           VALUE '12'.
002600         88  XFR-BAD-AMOUNT          VALUE '14'.
002700         88  XFR-SAME-ACCOUNT        VALUE '16'.
002800         88  XFR-FILE-ERROR          VALUE '90'.
002900     05  XFR-ID                      PIC X(12).
003000     05  XFR-BOOKED                  PIC 9(8).
003100     05  XFR-VALUE-DATE              PIC 9(8).
003200*    OF THE DEBITED ACCOUNT, AFTER THE TRANSFER
003300     05  XFR-BALANCE                 PIC S9(11)V99 COMP-3.
003400     05  FILLER                      PIC X(3).
