000100*----------------------------------------------------------------
000200* REGHDR   REGION HEADER. FIRST 20 BYTES OF EVERY MESSAGE, REQUEST
000300*          AND REPLY. AFTER AN ABEND IT IS THE WHOLE REPLY.
000400*----------------------------------------------------------------
000500     05  RGN-HEADER.
000600*        PROGRAM TO BE LINKED
000700         10  RGN-PROGRAM             PIC X(8).
000800*        SPACES IN A REQUEST
000900         10  RGN-STATUS              PIC X(4).
001000             88  RGN-REQUEST         VALUE SPACES.
001100             88  RGN-OK              VALUE 'OK'.
001200             88  RGN-ABENDED         VALUE 'ABND'.
001300             88  RGN-NO-PROGRAM      VALUE 'NPGM'.
001400             88  RGN-BAD-LENGTH      VALUE 'LERR'.
001500             88  RGN-BUSY            VALUE 'BUSY'.
001600*        ABEND CODE, ELSE SPACES
001700         10  RGN-ABEND               PIC X(4).
001800*        TASK NUMBER GIVEN BY THE REGION
001900         10  RGN-TASK                PIC 9(8) COMP.
