import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one Elasticsearch node from the jars of Maven Central: the real server, without the bash scripts, the native
 * controller and the security module of the full distribution. Settings come from config/elasticsearch.yml below es.path.home.
 */
public class ElasticsearchLauncher {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(System.getProperty("es.path.home"));
        Settings settings = Settings.builder().put("path.home", home.toString()).build();
        LogConfigurator.registerErrorListener();
        Environment env = InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> "embedded");
        LogConfigurator.setNodeName("embedded");
        LogConfigurator.configure(env, true);
        // The last argument: our modules are on the class path, not the module path.
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(env.modulesDir(), false),
            PluginsLoader.loadPluginsBundles(env.pluginsDir(), false),
            Map.of(),
            false);
        Node node = new Node(env, plugins).start();
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
                node.awaitClose(8, TimeUnit.SECONDS);
            } catch (Exception e) {
                System.err.println("closing the node failed: " + e);
            } finally {
                stopped.countDown();
            }
        }));
        System.out.println("elasticsearch node started");
        stopped.await();
    }
}
