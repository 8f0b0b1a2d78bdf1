// SPDX-License-Identifier: Apache-2.0
// The archive behind WS-Security, which WSS4J checks and writes.

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import org.apache.cxf.jaxws.EndpointImpl;
import org.apache.cxf.ws.security.wss4j.WSS4JInInterceptor;
import org.apache.cxf.ws.security.wss4j.WSS4JOutInterceptor;
import org.apache.wss4j.common.ConfigurationConstants;
import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.common.ext.WSPasswordCallback;

final class Secured {
    private static final String WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    private static final String WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
    private static final String ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/";
    private final Merlin crypto = new Merlin();

    /** The folder has host.key, host.pem and gateway.pem. */
    Secured(Path folder) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        CertificateFactory x509 = CertificateFactory.getInstance("X.509");
        Certificate host = x509.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(folder.resolve("host.pem"))));
        String pem = Files.readString(folder.resolve("host.key")).replaceAll("-----[A-Z ]+-----|\\s", "");
        Key key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        store.setKeyEntry("host", key, "key".toCharArray(), new Certificate[] {host});
        store.setCertificateEntry("gateway", x509.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(folder.resolve("gateway.pem")))));
        crypto.setKeyStore(store);
    }

    /** Publishes the archive where requests do what in says, such as "UsernameToken Timestamp Signature", and replies what out says. */
    void publish(String url, Object archive, String in, String out, String... more) {
        EndpointImpl endpoint = new EndpointImpl(archive);
        Map<String, Object> props = new HashMap<>();
        props.put("keys", crypto);
        for (String ref : List.of(ConfigurationConstants.SIG_VER_PROP_REF_ID, ConfigurationConstants.SIG_PROP_REF_ID, ConfigurationConstants.DEC_PROP_REF_ID, ConfigurationConstants.ENC_PROP_REF_ID)) props.put(ref, "keys");
        props.put(ConfigurationConstants.PW_CALLBACK_REF, (CallbackHandler) Secured::passwords);
        props.put(ConfigurationConstants.PASSWORD_TYPE, "PasswordDigest");
        for (int i = 0; i < more.length; i += 2) props.put(more[i], more[i + 1]);
        Map<String, Object> request = new HashMap<>(props);
        request.put(ConfigurationConstants.ACTION, in);
        endpoint.getInInterceptors().add(new WSS4JInInterceptor(request));
        if (!out.isEmpty()) {
            Map<String, Object> reply = new HashMap<>(props);
            reply.put(ConfigurationConstants.ACTION, out);
            reply.put(ConfigurationConstants.SIGNATURE_USER, "host");
            reply.put(ConfigurationConstants.ENCRYPTION_USER, "gateway");
            reply.put(ConfigurationConstants.SIG_KEY_ID, "DirectReference");
            reply.put(ConfigurationConstants.ENC_KEY_TRANSPORT, "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p");
            reply.put(ConfigurationConstants.ENC_SYM_ALGO, "http://www.w3.org/2009/xmlenc11#aes256-gcm");
            reply.put(ConfigurationConstants.SIG_ALGO, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
            reply.put(ConfigurationConstants.SIG_DIGEST_ALGO, "http://www.w3.org/2001/04/xmlenc#sha256");
            reply.putIfAbsent(ConfigurationConstants.SIGNATURE_PARTS, "{}{" + ENVELOPE + "}Body;{}{" + WSU + "}Timestamp;");
            endpoint.getOutInterceptors().add(new WSS4JOutInterceptor(reply));
            endpoint.getOutFaultInterceptors().add(new WSS4JOutInterceptor(reply));
        }
        endpoint.publish(url);
    }

    static void passwords(Callback[] all) {
        for (Callback one : all) {
            WSPasswordCallback p = (WSPasswordCallback) one;
            if (p.getUsage() == WSPasswordCallback.USERNAME_TOKEN && p.getIdentifier().equals("LINTEL")) p.setPassword("geheim");
            if (p.getIdentifier() != null && p.getIdentifier().equals("host")) p.setPassword("key");
        }
    }

    void publishAll(String at) {
        String signed = "UsernameToken Timestamp Signature", reply = "Timestamp Signature";
        publish(at + "/digest", new Archive(), "UsernameToken", "");
        publish(at + "/signed", new Archive(), signed, reply);
        publish(at + "/encrypted", new Archive(), signed + " Encrypt", reply + " Encrypt");
        publish(at + "/signed-mtom", new Archive.WithMTOM(), signed, reply);
        publish(at + "/encrypted-mtom", new Archive.WithMTOM(), signed + " Encrypt", reply + " Encrypt");
        publish(at + "/confirmed", new Archive(), signed, reply, ConfigurationConstants.ENABLE_SIGNATURE_CONFIRMATION, "true",
            ConfigurationConstants.SIGNATURE_PARTS, "{}{" + ENVELOPE + "}Body;{}{" + WSU + "}Timestamp;{}{" + WSSE11 + "}SignatureConfirmation;");
        publish(at + "/signed-attachments", new Archive(), signed, reply,
            ConfigurationConstants.SIGNATURE_PARTS, "{}{" + ENVELOPE + "}Body;{}{" + WSU + "}Timestamp;{}cid:Attachments;");
    }
}
