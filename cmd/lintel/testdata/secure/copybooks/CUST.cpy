       01  CUST-REQUEST.
           05  CUST-PROGRAM   PIC X(8).
           05  CUST-ID        PIC X(4).
           05  CUST-USER      PIC X(12).
       01  CUST-REPLY.
           05  CUST-NAME      PIC X(10).
