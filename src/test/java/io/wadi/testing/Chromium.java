package io.wadi.testing;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route.FulfillOptions;

import java.util.List;
import java.util.Map;

/** The installed Chromium without a window. For one thread. */
public final class Chromium implements AutoCloseable {
    private final Playwright playwright;
    private final Browser browser;

    public Chromium() {
        playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser =
                playwright
                        .chromium()
                        .launch(
                                new LaunchOptions()
                                        .setExecutablePath(Tools.onPath("chromium").orElseThrow())
                                        .setArgs(
                                                List.of(
                                                        "--headless=new",
                                                        "--no-sandbox",
                                                        "--disable-gpu",
                                                        "--disable-background-networking",
                                                        "--autoplay-policy=no-user-gesture-required")));
    }

    /** A page in a fresh profile; the caller closes its context. */
    public Page newPage(Browser.NewContextOptions options) {
        return browser.newContext(options).newPage();
    }

    /**
     * Opens a page that does not come from the server: {@code page.html}, and the {@code player.js}
     * that it loads.
     *
     * @param folder the URL that the page is in, with a slash at its end
     */
    public Page open(String folder, String html, String script) {
        Page page = newPage(new Browser.NewContextOptions());
        serve(page, "page.html", "text/html", html);
        serve(page, "player.js", "text/javascript", script);
        page.navigate(folder + "page.html");
        return page;
    }

    private static void serve(Page page, String name, String type, String body) {
        page.route(
                "**/" + name,
                route -> route.fulfill(new FulfillOptions().setContentType(type).setBody(body)));
    }

    @Override
    public void close() {
        playwright.close();
    }
}
