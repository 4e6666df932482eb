// Hand one complaint in with Java 17 or newer, without any library:
//   KULANSE_URL=https://kulanse.example.com KULANSE_API_KEY=kul_… java Send.java complaint.json
// Sending again is always safe: the same message is the same complaint.
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

public class Send {
  static final Set<Integer> AGAIN = Set.of(408, 425, 429, 500, 502, 503, 504);
  static final int TRIES = 6;

  public static void main(String[] arguments) throws Exception {
    HttpResponse<String> answer = send(Path.of(arguments[0]));
    System.out.println(answer.body());
    System.exit(answer.statusCode() == 202 ? 0 : 22);
  }

  static HttpResponse<String> send(Path complaint) throws IOException, InterruptedException {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(System.getenv("KULANSE_URL") + "/v1/complaints"))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + System.getenv("KULANSE_API_KEY"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofFile(complaint))
            .build();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      long waitMs = 500L << attempt;
      try {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (!AGAIN.contains(answer.statusCode())) {
          return answer;
        }
        String asked = answer.headers().firstValue("retry-after").orElse("0");
        waitMs = Math.max(waitMs, 1000L * Long.parseLong(asked));
      } catch (IOException noConnection) {
        // try again
      }
      Thread.sleep(waitMs);
    }
    throw new IOException("no answer in " + TRIES + " tries: keep the complaint, send it later");
  }
}
