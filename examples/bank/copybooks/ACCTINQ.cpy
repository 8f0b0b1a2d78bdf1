000100*================================================================
000200* ACCTINQ  ACCOUNT INQUIRY                COMMAREA OF PGM ACCTINQ
000300* 1998-03-02 HKB  FIRST VERSION
000400* 2006-11-20 MWE  LOANS
000500* 2014-07-09 HKB  UP TO FIVE OWNERS
000600*================================================================
000700 01  INQ-REQUEST.
000800     COPY REGHDR.
000900     05  INQ-ACCOUNT                 PIC X(10).
001000     05  FILLER                      PIC X(6).
001100 01  INQ-REPLY.
001200     COPY REGHDR.
001300     05  INQ-RC                      PIC X(2).
001400         88  INQ-FOUND               VALUE '00'.
001500         88  INQ-NOT-FOUND           VALUE '04'.
001600         88  INQ-FILE-ERROR          VALUE '90'.
001700     05  INQ-ACCOUNT                 PIC X(10).
001800     05  INQ-STATUS                  PIC X.
001900         88  INQ-ACTIVE              VALUE 'A'.
002000         88  INQ-BLOCKED             VALUE 'B'.
002100         88  INQ-CLOSED              VALUE 'C'.
002200     05  INQ-CURRENCY                PIC X(3).
002300     05  INQ-BRANCH                  PIC 9(4) COMP.
002400     05  INQ-BALANCE                 PIC S9(11)V99 COMP-3.
002500*    BALANCE LESS HOLDS, SIGN IN THE LAST DIGIT
002600     05  INQ-AVAILABLE               PIC S9(11)V99.
002700     05  INQ-OPEN-DATE               PIC 9(8).
002800*    ZERO WHILE THE ACCOUNT IS OPEN
002900     05  INQ-CLOSE-DATE              PIC 9(8).
003000     05  FILLER                      PIC X(5).
003100     05  INQ-TYPE                    PIC X.
003200         88  INQ-CURRENT             VALUE 'C'.
003300         88  INQ-SAVINGS             VALUE 'S'.
003400         88  INQ-LOAN                VALUE 'L'.
003500     05  INQ-DETAIL                  PIC X(24).
003600     05  INQ-CURRENT-DETAIL REDEFINES INQ-DETAIL.
003700         10  INQ-OVERDRAFT-LIMIT     PIC S9(9)V99 COMP-3.
003800         10  INQ-OVERDRAFT-RATE      PIC 9(2)V9(3) COMP-3.
003900         10  INQ-CARD-COUNT          PIC 9(2).
004000         10  FILLER                  PIC X(13).
004100     05  INQ-SAVINGS-DETAIL REDEFINES INQ-DETAIL.
004200         10  INQ-INTEREST-RATE       PIC S9(2)V9(3) COMP-3.
004300         10  INQ-NOTICE-DAYS         PIC 9(4) COMP.
004400         10  INQ-ACCRUED             PIC S9(7)V9(4).
004500         10  FILLER                  PIC X(8).
004600     05  INQ-LOAN-DETAIL REDEFINES INQ-DETAIL.
004700         10  INQ-PRINCIPAL           PIC 9(11)V99 COMP-3.
004800         10  INQ-INSTALMENT          PIC 9(7)V99 COMP-3.
004900         10  INQ-REMAINING           PIC 9(4) COMP.
005000         10  INQ-END-DATE            PIC 9(8).
005100         10  FILLER                  PIC X(2).
005200     05  INQ-OWNER-COUNT             PIC S9(4) COMP.
005300     05  INQ-OWNERS OCCURS 0 TO 5 TIMES
005400                    DEPENDING ON INQ-OWNER-COUNT.
005500         10  INQ-NAME                PIC X(30).
005600         10  INQ-ROLE                PIC X.
005700             88  INQ-HOLDER          VALUE 'H'.
005800             88  INQ-JOINT           VALUE 'J'.
005900             88  INQ-ATTORNEY        VALUE 'A'.
006000         10  INQ-SINCE               PIC 9(8).
006100         10  INQ-ADDRESS.
006200             15  INQ-STREET          PIC X(30).
006300             15  INQ-POSTCODE        PIC X(10).
006400             15  INQ-CITY            PIC X(20).
006500             15  INQ-COUNTRY         PIC X(2).
006600         10  FILLER                  PIC X(3).
