000100*----------------------------------------------------------------
000200* LINKAREA WHAT THE REGION TELLS A PROGRAM AND GETS BACK FROM IT
000300*----------------------------------------------------------------
000400 01  LINK-AREA.
000500     05  LINK-REQUEST-LENGTH         PIC S9(9) COMP-5.
000600     05  LINK-REPLY-LENGTH           PIC S9(9) COMP-5.
000700*    SPACES, OR THE STATUS FOR THE HEADER OF THE REPLY
000800     05  LINK-STATUS                 PIC X(4).
