package org.mailrelay.observe.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MachineEndpointTest {

    private final AtomicReference<Readiness> readiness = new AtomicReference<>(Readiness.READY);
    private final HttpClient client = HttpClient.newHttpClient();
    private MachineEndpoint endpoint;

    @BeforeEach
    void open() throws Exception {
        endpoint = new MachineEndpoint(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "mailrelay_x_total 1.0\n", readiness::get);
    }

    @AfterEach
    void close() {
        endpoint.close();
        client.close();
    }

    @Test
    void servesTheExpositionText() throws Exception {
        HttpResponse<String> answer = ask("GET", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("mailrelay_x_total 1.0\n");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void isAliveThoughNotReady() throws Exception {
        readiness.set(Readiness.notReady("receiving is suspended"));
        assertThat(ask("GET", "/health/live").statusCode()).isEqualTo(200);
        HttpResponse<String> answer = ask("GET", "/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("receiving is suspended\n");
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        HttpResponse<String> answer = ask("HEAD", "/health/ready");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void knowsNoOtherPathAndNoOtherMethod() throws Exception {
        assertThat(ask("GET", "/metrics/").statusCode()).isEqualTo(404);
        assertThat(ask("GET", "/").statusCode()).isEqualTo(404);
        HttpResponse<String> answer = ask("POST", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
    }
}
