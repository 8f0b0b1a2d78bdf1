// SPDX-License-Identifier: Apache-2.0
// An archive on Apache CXF, which writes its own WSDL: java -cp ... Archive. Prints its port.

import jakarta.activation.DataHandler;
import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebResult;
import jakarta.jws.WebService;
import jakarta.mail.util.ByteArrayDataSource;
import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttachmentRef;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElements;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.ws.Endpoint;
import jakarta.xml.ws.WebFault;
import jakarta.xml.ws.soap.MTOM;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

@WebService(name = "Archive", serviceName = "ArchiveService", targetNamespace = "urn:example:archive")
public class Archive {
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(namespace = "urn:example:archive:types", propOrder = {"id", "title", "extent", "tags", "content"})
    public static class Document {
        @XmlElement(name = "ID", required = true) public String id;
        @XmlElement(name = "Title", required = true, nillable = true) public String title;
        @XmlElements({@XmlElement(name = "Pages", type = Integer.class, required = true), @XmlElement(name = "Reel", type = String.class, required = true)}) public Object extent;
        @XmlElement(name = "Tag") public List<String> tags = new ArrayList<>();
        @XmlElement(name = "Content") public byte[] content;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(namespace = "urn:example:archive:types")
    public static class Scan {
        @XmlElement(name = "Name", required = true) public String name;
        @XmlAttachmentRef @XmlElement(name = "Image", required = true) public DataHandler image;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(namespace = "urn:example:archive:types")
    public static class Missing {
        @XmlElement(name = "ID", required = true) public String id;
    }

    @WebFault(name = "NoDocument", targetNamespace = "urn:example:archive")
    public static class NoDocument extends Exception {
        private final Missing missing;
        public NoDocument(String message, Missing missing) { super(message); this.missing = missing; }
        public Missing getFaultInfo() { return missing; }
    }

    @WebMethod(operationName = "GetDocument")
    @WebResult(name = "Document")
    public Document getDocument(@WebParam(name = "ID") @XmlElement(required = true) String id) throws NoDocument {
        Document d = new Document();
        d.id = id;
        switch (id) {
            case "D404": Missing m = new Missing(); m.id = id; throw new NoDocument("no document", m);
            case "D500": throw new IllegalStateException("secret");
            case "D2": d.title = ""; d.extent = "R7"; return d;
            case "D3":
                d.title = "large"; d.extent = 2; d.content = new byte[1 << 20];
                for (int i = 0; i < d.content.length; i++) d.content[i] = (byte) (i * 31);
                return d;
            default: d.extent = 12; d.tags.add("A & B"); d.content = "<x>\r\n--".getBytes(); return d;
        }
    }

    @WebMethod(operationName = "PutDocument")
    @WebResult(name = "Size")
    public int putDocument(@WebParam(name = "Content") @XmlElement(required = true) byte[] content) {
        int bad = 0;
        for (int i = 0; i < content.length; i++) if (content[i] != (byte) (i * 31)) bad++;
        return bad == 0 ? content.length : -bad;
    }

    @WebMethod(operationName = "PutScan")
    @WebResult(name = "Scan")
    public Scan putScan(@WebParam(name = "Scan") @XmlElement(required = true) Scan scan) throws Exception {
        byte[] all = scan.image.getInputStream().readAllBytes();
        Scan out = new Scan();
        out.name = scan.name + " " + all.length;
        out.image = new DataHandler(new ByteArrayDataSource(all, "image/png"));
        return out;
    }

    @MTOM
    @WebService(name = "Archive", serviceName = "ArchiveService", targetNamespace = "urn:example:archive")
    public static class WithMTOM extends Archive { }

    public static void main(String[] args) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        int port;
        try (ServerSocket s = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) { port = s.getLocalPort(); }
        Endpoint.publish("http://127.0.0.1:" + port + "/plain", new Archive());
        Endpoint.publish("http://127.0.0.1:" + port + "/mtom", new WithMTOM());
        if (args.length > 0) new Secured(java.nio.file.Path.of(args[0])).publishAll("http://127.0.0.1:" + port);
        System.out.println(port);
        System.in.read(); // ends with the test
        System.exit(0);
    }
}
