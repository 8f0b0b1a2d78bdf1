       01  QUOTE.
           05  Q-CUSTOMER     PIC X(10).
           05  Q-NAME         PIC X(30).
           05  Q-STREET       PIC X(30).
           05  Q-CITY         PIC X(20).
           05  Q-POSTCODE     PIC X(10).
           05  Q-COUNTRY      PIC X(2).
           05  Q-PRODUCT      PIC X(8).
           05  Q-TARIFF       PIC 9(4) COMP.
           05  Q-SUM          PIC S9(9)V99 COMP-3.
           05  Q-PREMIUM      PIC S9(7)V99 COMP-3.
           05  Q-DISCOUNT     PIC 9(2)V9.
           05  Q-RATE         PIC S9(2)V999.
           05  Q-TERM         PIC 9(2).
           05  Q-AGE          PIC 9(3).
           05  Q-CHILDREN     PIC 9(2).
           05  Q-SMOKER       PIC X.
           05  Q-RISK         PIC S9(8) COMP.
           05  Q-CHANNEL      PIC X(4).
           05  Q-AGENT        PIC 9(8).
           05  Q-NOTE         PIC X(20).
           05  FILLER         PIC X(25).
