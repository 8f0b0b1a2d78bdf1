000100*================================================================
000200* TXNLIST  MOVEMENTS OF AN ACCOUNT        COMMAREA OF PGM TXNLIST
000300*          NEWEST FIRST
000400* 1998-03-02 HKB  FIRST VERSION
000500* 2011-05-16 MWE  FIFTY INSTEAD OF TWENTY ENTRIES
000600*================================================================
000700 01  TXN-REQUEST.
000800     COPY REGHDR.
000900     05  TXN-ACCOUNT                 PIC X(10).
001000     05  TXN-LIMIT                   PIC 9(4) COMP.
001100     05  FILLER                      PIC X(8).
001200 01  TXN-REPLY.
001300     COPY REGHDR.
001400     05  TXN-RC                      PIC X(2).
001500         88  TXN-FOUND               VALUE '00'.
001600         88  TXN-NOT-FOUND           VALUE '04'.
001700         88  TXN-FILE-ERROR          VALUE '90'.
001800     05  TXN-ACCOUNT                 PIC X(10).
001900     05  TXN-CURRENCY                PIC X(3).
002000*    'Y' IF THERE ARE OLDER ONES THAN THOSE LISTED
002100     05  TXN-MORE                    PIC X.
002200     05  TXN-COUNT                   PIC S9(4) COMP.
002300     05  TXN-ENTRIES OCCURS 0 TO 50 TIMES
002400                     DEPENDING ON TXN-COUNT.
002500         10  TXN-ID                  PIC X(12).
002600         10  TXN-KIND                PIC X(2).
002700             88  TXN-OPENING         VALUE 'OP'.
002800             88  TXN-CASH            VALUE 'CA'.
002900             88  TXN-TRANSFER        VALUE 'TF'.
003000             88  TXN-CHARGE          VALUE 'CH'.
003100             88  TXN-INTEREST        VALUE 'IN'.
003200*        NEGATIVE WHEN MONEY LEFT THE ACCOUNT
003300         10  TXN-AMOUNT              PIC S9(11)V99
003400                                     SIGN IS TRAILING.
003500         10  TXN-BALANCE             PIC S9(11)V99 COMP-3.
003600         10  TXN-BOOKED              PIC 9(8).
003700*        YYYYMMDD, AS TEXT SINCE THE DAYS OF THE TAPE
003800         10  TXN-VALUE-DATE          PIC X(8).
003900         10  TXN-COUNTERPARTY        PIC X(10).
004000         10  TXN-REFERENCE           PIC X(20).
004100         10  FILLER                  PIC X(4).
