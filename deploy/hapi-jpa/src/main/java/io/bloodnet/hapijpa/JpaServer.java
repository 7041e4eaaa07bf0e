package io.bloodnet.hapijpa;

import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * A real HAPI FHIR JPA server (R4) over H2 in memory, for tests in another process: listens on a free port of loopback, prints
 * {@code FHIR http://127.0.0.1:PORT/fhir} when it can be asked, and ends when its standard input does.
 */
public final class JpaServer {

    private JpaServer() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws Exception {
        AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext(JpaServerConfig.class);
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(servlet(beans)), "/fhir/*");
        server.setHandler(context);
        server.start();
        System.out.println("FHIR http://127.0.0.1:" + connector.getLocalPort() + "/fhir");
        System.out.flush();
        while (System.in.read() >= 0) {
            // until whoever started us closes our standard input, or ends
        }
        System.exit(0);
    }

    private static RestfulServer servlet(AnnotationConfigApplicationContext beans) {
        IFhirSystemDao<?, ?> system = beans.getBean(IFhirSystemDao.class);
        RestfulServer server = new RestfulServer(system.getContext());
        server.registerProviders(
                beans.getBean("myResourceProvidersR4", ResourceProviderFactory.class).createProviders());
        server.registerProvider(beans.getBean(IJpaSystemProvider.class));
        JpaStorageSettings settings = beans.getBean(JpaStorageSettings.class);
        server.setServerConformanceProvider(new JpaCapabilityStatementProvider(
                server,
                system,
                settings,
                beans.getBean(ISearchParamRegistry.class),
                beans.getBean(IValidationSupport.class)));
        server.setPagingProvider(beans.getBean(DatabaseBackedPagingProvider.class));
        server.setInterceptorService(beans.getBean(ca.uhn.fhir.interceptor.api.IInterceptorService.class));
        return server;
    }
}
