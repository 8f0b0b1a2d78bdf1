000100*----------------------------------------------------------------
000200* ACCTREC  RECORD OF THE ACCOUNT FILE
000300*----------------------------------------------------------------
000400 01  ACCT-RECORD.
000500     05  ACCT-NUMBER                 PIC X(10).
000600     05  ACCT-TYPE                   PIC X.
000700     05  ACCT-STATUS                 PIC X.
000800     05  ACCT-CURRENCY               PIC X(3).
000900     05  ACCT-BRANCH                 PIC 9(4) COMP.
001000     05  ACCT-BALANCE                PIC S9(11)V99 COMP-3.
001100     05  ACCT-HOLDS                  PIC S9(11)V99 COMP-3.
001200     05  ACCT-OPEN-DATE              PIC 9(8).
001300     05  ACCT-CLOSE-DATE             PIC 9(8).
001400*    NEWEST LEDGER ENTRY OF THIS ACCOUNT, ZERO IF NONE
001500     05  ACCT-LAST-SEQ               PIC 9(9) COMP.
001600     05  ACCT-DETAIL                 PIC X(24).
001700     05  ACCT-CURRENT-DETAIL REDEFINES ACCT-DETAIL.
001800         10  ACCT-OVERDRAFT-LIMIT    PIC S9(9)V99 COMP-3.
001900         10  ACCT-OVERDRAFT-RATE     PIC 9(2)V9(3) COMP-3.
002000         10  ACCT-CARD-COUNT         PIC 9(2).
002100         10  FILLER                  PIC X(13).
002200     05  ACCT-SAVINGS-DETAIL REDEFINES ACCT-DETAIL.
002300         10  ACCT-INTEREST-RATE      PIC S9(2)V9(3) COMP-3.
002400         10  ACCT-NOTICE-DAYS        PIC 9(4) COMP.
002500         10  ACCT-ACCRUED            PIC S9(7)V9(4).
002600         10  FILLER                  PIC X(8).
002700     05  ACCT-LOAN-DETAIL REDEFINES ACCT-DETAIL.
002800         10  ACCT-PRINCIPAL          PIC 9(11)V99 COMP-3.
002900         10  ACCT-INSTALMENT         PIC 9(7)V99 COMP-3.
003000         10  ACCT-REMAINING          PIC 9(4) COMP.
003100         10  ACCT-END-DATE           PIC 9(8).
003200         10  FILLER                  PIC X(2).
003300     05  ACCT-OWNER-COUNT            PIC S9(4) COMP.
003400     05  ACCT-OWNERS OCCURS 5 TIMES.
003500         10  ACCT-NAME               PIC X(30).
003600         10  ACCT-ROLE               PIC X.
003700         10  ACCT-SINCE              PIC 9(8).
003800         10  ACCT-ADDRESS.
003900             15  ACCT-STREET         PIC X(30).
004000             15  ACCT-POSTCODE       PIC X(10).
004100             15  ACCT-CITY           PIC X(20).
004200             15  ACCT-COUNTRY        PIC X(2).
