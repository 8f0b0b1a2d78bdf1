// SPDX-License-Identifier: Apache-2.0
// An ActiveMQ Artemis broker that speaks AMQP 1.0: java -cp ... Broker HOST:PORT FOLDER. Queues are made when they are
// first named, are point to point, and outlive restarts with what is durable in them.

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

public class Broker {
    public static void main(String[] args) throws Exception {
        int colon = args[0].lastIndexOf(':');
        Path data = Path.of(args[1]);
        var config = new ConfigurationImpl()
                .setSecurityEnabled(false)
                .setPersistenceEnabled(true)
                .setJournalType(JournalType.NIO)
                .setJournalDatasync(false)
                .setMaxDiskUsage(-1)
                .setGlobalMaxSize(-1)
                .setJournalDirectory(data.resolve("journal").toString())
                .setBindingsDirectory(data.resolve("bindings").toString())
                .setPagingDirectory(data.resolve("paging").toString())
                .setLargeMessagesDirectory(data.resolve("large").toString())
                .addAcceptorConfiguration(new TransportConfiguration(NettyAcceptorFactory.class.getName(),
                        Map.of("host", args[0].substring(0, colon), "port", args[0].substring(colon + 1), "protocols", "AMQP"), "amqp", Map.of()))
                .addAddressSetting("#", new AddressSettings()
                        .setDefaultAddressRoutingType(RoutingType.ANYCAST)
                        .setDefaultQueueRoutingType(RoutingType.ANYCAST)
                        .setAutoDeleteQueues(false).setAutoDeleteAddresses(false)
                        .setMaxDeliveryAttempts(-1));
        new EmbeddedActiveMQ().setConfiguration(config).start();
        Thread.currentThread().join();
    }
}
