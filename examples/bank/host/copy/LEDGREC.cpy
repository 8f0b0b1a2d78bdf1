000100*----------------------------------------------------------------
000200* LEDGREC  RECORD OF THE LEDGER. DEBTOR OR CREDITOR IS BLANK WHEN
000300*          THE MONEY COMES FROM OR GOES TO OUTSIDE.
000400*----------------------------------------------------------------
000500 01  LEDG-RECORD.
000600     05  LEDG-SEQ                    PIC 9(9) COMP.
000700     05  LEDG-KIND                   PIC X(2).
000800     05  LEDG-DEBTOR                 PIC X(10).
000900     05  LEDG-CREDITOR               PIC X(10).
001000     05  LEDG-AMOUNT                 PIC S9(11)V99 COMP-3.
001100     05  LEDG-CURRENCY               PIC X(3).
001200     05  LEDG-BOOKED                 PIC 9(8).
001300     05  LEDG-VALUE-DATE             PIC 9(8).
001400     05  LEDG-REFERENCE              PIC X(20).
001500*    BALANCES AFTER, AND THE ENTRY BEFORE OF THE SAME ACCOUNT
001600     05  LEDG-DEBTOR-BALANCE         PIC S9(11)V99 COMP-3.
001700     05  LEDG-CREDITOR-BALANCE       PIC S9(11)V99 COMP-3.
001800     05  LEDG-DEBTOR-PREV            PIC 9(9) COMP.
001900     05  LEDG-CREDITOR-PREV          PIC 9(9) COMP.
