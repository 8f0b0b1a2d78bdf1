      * What the warehouse tells when an order changes.
       01  EVT-CHANGED.
           05  EVT-ORDER             PIC X(8).
           05  EVT-STATUS            PIC X(1).
           05  EVT-WEIGHT            PIC 9(5)V9(3)  COMP-3.
      * A program asks for an order, and what it gets.
       01  LKP-REQUEST.
           05  LKP-ORDER             PIC X(8).
       01  LKP-ANSWER.
           05  LKP-STATUS            PIC 9(3).
           05  LKP-ARTICLE           PIC X(12).
           05  LKP-QUANTITY          PIC 9(5)       COMP-3.
           05  LKP-REASON            PIC X(40).
