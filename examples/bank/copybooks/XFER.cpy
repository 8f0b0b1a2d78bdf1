000100*================================================================
000200* XFER     TRANSFER BETWEEN TWO ACCOUNTS     COMMAREA OF PGM XFER
000300* 1999-01-18 HKB  FIRST VERSION, EURO
000400* 2003-09-30 MWE  REFERENCE MUST BE NEW FOR THE DEBITED ACCOUNT
000500* 2024-11-04 HKB  NAME OF THE EXCHANGE
000600*================================================================
000700 01  XFR-REQUEST.
000800     COPY REGHDR.
000900     05  XFR-FROM                    PIC X(10).
001000     05  XFR-TO                      PIC X(10).
001100     05  XFR-AMOUNT                  PIC S9(11)V99 COMP-3.
001200     05  XFR-CURRENCY                PIC X(3).
001300     05  XFR-REFERENCE               PIC X(20).
001400*    ZERO MEANS TODAY
001500     05  XFR-VALUE-DATE              PIC 9(8).
001600     05  FILLER                      PIC X(7).
001700*    NAME OF THE EXCHANGE, FOR XFERINQ. SPACES IF THERE IS NONE
001800     05  XFR-EXCHANGE                PIC X(36).
001900 01  XFR-REPLY.
002000     COPY REGHDR.
002100     05  XFR-RC                      PIC X(2).
002200         88  XFR-DONE                VALUE '00'.
002300         88  XFR-NO-DEBTOR           VALUE '04'.
002400         88  XFR-NO-CREDITOR         VALUE '05'.
002500         88  XFR-BLOCKED             VALUE '06'.
002600         88  XFR-FUNDS               VALUE '08'.
002700         88  XFR-OTHER-CURRENCY      VALUE '10'.
002800         88  XFR-DUPLICATE           VALUE '12'.
002900         88  XFR-BAD-AMOUNT          VALUE '14'.
003000         88  XFR-SAME-ACCOUNT        VALUE '16'.
003100         88  XFR-FILE-ERROR          VALUE '90'.
003200     05  XFR-ID                      PIC X(12).
003300     05  XFR-BOOKED                  PIC 9(8).
003400     05  XFR-VALUE-DATE              PIC 9(8).
003500*    OF THE DEBITED ACCOUNT, AFTER THE TRANSFER
003600     05  XFR-BALANCE                 PIC S9(11)V99 COMP-3.
003700     05  FILLER                      PIC X(3).
