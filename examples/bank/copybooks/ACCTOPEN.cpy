000100*================================================================
000200* ACCTOPEN OPEN AN ACCOUNT               COMMAREA OF PGM ACCTOPEN
000300* 2001-06-11 MWE  FIRST VERSION
000400* 2014-07-09 HKB  UP TO FIVE OWNERS
000500*================================================================
000600 01  OPN-REQUEST.
000700     COPY REGHDR.
000800     05  OPN-TYPE                    PIC X.
000900         88  OPN-CURRENT             VALUE 'C'.
001000         88  OPN-SAVINGS             VALUE 'S'.
001100     05  OPN-CURRENCY                PIC X(3).
001200     05  OPN-BRANCH                  PIC 9(4) COMP.
001300     05  OPN-OVERDRAFT-LIMIT         PIC S9(9)V99 COMP-3.
001400     05  FILLER                      PIC X(6).
001500     05  OPN-OWNER-COUNT             PIC S9(4) COMP.
001600     05  OPN-OWNERS OCCURS 1 TO 5 TIMES
001700                    DEPENDING ON OPN-OWNER-COUNT.
001800         10  OPN-NAME                PIC X(30).
001900         10  OPN-ROLE                PIC X.
002000             88  OPN-HOLDER          VALUE 'H'.
002100             88  OPN-JOINT           VALUE 'J'.
002200             88  OPN-ATTORNEY        VALUE 'A'.
002300         10  OPN-ADDRESS.
002400             15  OPN-STREET          PIC X(30).
002500             15  OPN-POSTCODE        PIC X(10).
002600             15  OPN-CITY            PIC X(20).
002700             15  OPN-COUNTRY         PIC X(2).
002800 01  OPN-REPLY.
002900     COPY REGHDR.
003000     05  OPN-RC                      PIC X(2).
003100         88  OPN-OPENED              VALUE '00'.
003200         88  OPN-NO-BRANCH           VALUE '04'.
003300         88  OPN-BAD-CURRENCY        VALUE '10'.
003400         88  OPN-NO-HOLDER           VALUE '18'.
003500         88  OPN-FILE-ERROR          VALUE '90'.
003600     05  OPN-ACCOUNT                 PIC X(10).
003700     05  OPN-OPEN-DATE               PIC 9(8).
003800     05  FILLER                      PIC X(8).
