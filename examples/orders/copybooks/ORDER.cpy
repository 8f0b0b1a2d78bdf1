      * What the order program ORDPGM takes and gives.
       01  ORD-REQUEST.
           05  ORD-FUNCTION          PIC X(4).
           05  ORD-ID                PIC X(8).
           05  ORD-CUSTOMER          PIC X(6).
           05  ORD-ARTICLE           PIC X(12).
           05  ORD-QUANTITY          PIC 9(5)       COMP-3.
       01  ORD-REPLY.
           05  ORD-RC                PIC X(2).
               88  ORD-DONE          VALUE "00".
               88  ORD-NOT-FOUND     VALUE "04".
               88  ORD-NO-STOCK      VALUE "08".
           05  ORD-ID                PIC X(8).
           05  ORD-CUSTOMER          PIC X(6).
           05  ORD-ARTICLE           PIC X(12).
           05  ORD-QUANTITY          PIC 9(5)       COMP-3.
           05  ORD-PRICE             PIC S9(7)V99   COMP-3.
           05  ORD-STATUS            PIC X(1).
