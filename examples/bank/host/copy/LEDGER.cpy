000100*----------------------------------------------------------------
000200* LEDGER   TEST INQUIRY: WHAT BECAME OF THE MONEY. ALL IN DISPLAY,
000300*          SO THAT IT IS READ WITHOUT A LAYOUT.
000400*----------------------------------------------------------------
000500 01  LGQ-REQUEST.
000600     COPY REGHDR.
000700*    SPACES MEAN ALL TRANSFERS
000800     05  LGQ-REFERENCE               PIC X(20).
000900 01  LGQ-REPLY.
001000     COPY REGHDR.
001100     05  LGQ-RC                      PIC X(2).
001200*    TRANSFERS WITH THAT REFERENCE, AND THEIR SUM
001300     05  LGQ-COUNT                   PIC 9(8).
001400     05  LGQ-SUM                     PIC S9(15)V99
001500                                     SIGN LEADING SEPARATE.
001600*    BALANCES OF ALL ACCOUNTS
001700     05  LGQ-ACCOUNTS                PIC 9(8).
001800     05  LGQ-MONEY                   PIC S9(15)V99
001900                                     SIGN LEADING SEPARATE.
