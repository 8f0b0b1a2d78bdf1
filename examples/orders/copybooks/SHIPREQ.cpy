      * What the warehouse is told. It does not answer.
       01  SHIP-REQUEST.
           05  SHIP-ORDER            PIC X(8).
           05  SHIP-CARRIER          PIC X(8).
           05  SHIP-URGENT           PIC X(1).
           05  SHIP-TRACE            PIC X(36).
