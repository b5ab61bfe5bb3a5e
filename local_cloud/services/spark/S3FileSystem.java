// SPDX-License-Identifier: Apache-2.0
package local_cloud;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Spark's {@code s3://} over the S3 API of the local cloud, with what matters of S3's behaviour: an object appears
 * when its writer closes it and not before, a rename is a copy and a delete, any key works, nothing is left on disk.
 *
 * Compiled by Janino, which comes with Spark: no lambdas, no type arguments that matter, casts instead.
 */
public class S3FileSystem extends FileSystem {
    private static final long BLOCK_BYTES = 128L * 1024 * 1024;
    private static final int BUFFER_BYTES = 128 * 1024;
    private static final int CONNECT_MS = 10000;
    private static final int READ_MS = 300000;
    /** Directories that were made and hold nothing yet: S3 has none, and this process is the only writer. */
    private static final Set EMPTY_DIRECTORIES = Collections.synchronizedSet(new HashSet());

    private URI uri;
    private String bucketUrl;
    private Path workingDirectory;

    public void initialize(URI name, Configuration conf) throws IOException {
        super.initialize(name, conf);
        this.setConf(conf);
        this.uri = URI.create(name.getScheme() + "://" + name.getAuthority());
        this.bucketUrl = conf.get("fs.s3.local.endpoint") + "/" + name.getAuthority();
        this.workingDirectory = new Path(this.uri + "/");
    }

    public String getScheme() { return this.uri == null ? "s3" : this.uri.getScheme(); }

    public URI getUri() { return this.uri; }

    public Path getWorkingDirectory() { return this.workingDirectory; }

    public void setWorkingDirectory(Path path) { this.workingDirectory = this.makeQualified(path); }

    public long getDefaultBlockSize() { return BLOCK_BYTES; }

    public long getDefaultBlockSize(Path path) { return BLOCK_BYTES; }

    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        FileStatus status = this.getFileStatus(path);
        if (status.isDirectory()) throw new FileNotFoundException("Cannot open " + path + ": it is a directory");
        return new FSDataInputStream(new S3Input(this, this.key(path), status.getLen()));
    }

    public FSDataOutputStream create(Path path, FsPermission permission, boolean overwrite, int bufferSize,
            short replication, long blockSize, Progressable progress) throws IOException {
        if (!overwrite && this.exists(path)) throw new FileAlreadyExistsException(path + " already exists");
        return new FSDataOutputStream(new S3Output(this, this.key(path)), (FileSystem.Statistics) null);
    }

    public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) throws IOException {
        throw new UnsupportedOperationException("S3 objects cannot be appended to");
    }

    public boolean mkdirs(Path path, FsPermission permission) throws IOException {
        EMPTY_DIRECTORIES.add(this.makeQualified(path).toString());
        return true;
    }

    public boolean rename(Path source, Path target) throws IOException {
        FileStatus from;
        try { from = this.getFileStatus(source); } catch (FileNotFoundException e) { return false; }
        try {
            if (this.getFileStatus(target).isDirectory()) target = new Path(target, source.getName());
            else if (!from.isDirectory()) return false;
        } catch (FileNotFoundException e) { /* as it should be */ }
        String sourceKey = this.key(source);
        String targetKey = this.key(target);
        if (!from.isDirectory()) {
            this.move(sourceKey, targetKey);
            return true;
        }
        List keys = this.keysBelow(sourceKey + "/");
        for (int i = 0; i < keys.size(); i++) {
            String key = (String) keys.get(i);
            this.move(key, targetKey + key.substring(sourceKey.length()));
        }
        EMPTY_DIRECTORIES.remove(this.makeQualified(source).toString());
        EMPTY_DIRECTORIES.add(this.makeQualified(target).toString());
        return true;
    }

    public boolean delete(Path path, boolean recursive) throws IOException {
        FileStatus status;
        try { status = this.getFileStatus(path); } catch (FileNotFoundException e) { return false; }
        if (!status.isDirectory()) {
            this.request("DELETE", this.key(path), "", null, null);
            return true;
        }
        String prefix = this.key(path) + "/";
        List keys = this.keysBelow(prefix);
        if (!keys.isEmpty() && !recursive) throw new IOException(path + " is not empty");
        for (int i = 0; i < keys.size(); i++) this.request("DELETE", (String) keys.get(i), "", null, null);
        String name = this.makeQualified(path).toString();
        Object[] known = EMPTY_DIRECTORIES.toArray();
        for (int i = 0; i < known.length; i++) {
            String directory = (String) known[i];
            if (directory.equals(name) || directory.startsWith(name + "/")) EMPTY_DIRECTORIES.remove(directory);
        }
        return true;
    }

    public FileStatus getFileStatus(Path path) throws IOException {
        Path qualified = this.makeQualified(path);
        String key = this.key(path);
        if (key.isEmpty()) return directory(qualified);
        HttpURLConnection head = this.connect("HEAD", key, "");
        if (head.getResponseCode() == 200) {
            return file(qualified, Long.parseLong(head.getHeaderField("Content-Length")), head.getLastModified());
        }
        Document list = this.list(key + "/", null, null, 1);
        if (list.getElementsByTagName("Contents").getLength() > 0
                || EMPTY_DIRECTORIES.contains(qualified.toString())) {
            return directory(qualified);
        }
        throw new FileNotFoundException("No such file or directory: " + path);
    }

    public FileStatus[] listStatus(Path path) throws IOException {
        FileStatus status = this.getFileStatus(path);
        if (!status.isDirectory()) return new FileStatus[] {status};
        Path parent = status.getPath();
        String key = this.key(path);
        String prefix = key.isEmpty() ? "" : key + "/";
        List found = new ArrayList();
        String token = null;
        do {
            Document page = this.list(prefix, "/", token, 1000);
            NodeList objects = page.getElementsByTagName("Contents");
            for (int i = 0; i < objects.getLength(); i++) {
                Element object = (Element) objects.item(i);
                String name = text(object, "Key").substring(prefix.length());
                if (!name.isEmpty()) {
                    long modified = java.time.Instant.parse(text(object, "LastModified")).toEpochMilli();
                    found.add(file(child(parent, name), Long.parseLong(text(object, "Size")), modified));
                }
            }
            NodeList folders = page.getElementsByTagName("CommonPrefixes");
            for (int i = 0; i < folders.getLength(); i++) {
                String name = text((Element) folders.item(i), "Prefix").substring(prefix.length());
                if (name.length() > 1) found.add(directory(child(parent, name.substring(0, name.length() - 1))));
            }
            token = text(page.getDocumentElement(), "NextContinuationToken");
        } while (token != null);
        return (FileStatus[]) found.toArray(new FileStatus[found.size()]);
    }

    /** The child of a directory by its literal name: the one-string constructor of Path would parse a colon. */
    private static Path child(Path parent, String name) {
        String path = parent.toUri().getPath();
        return new Path(parent.toUri().getScheme(), parent.toUri().getAuthority(),
            (path.endsWith("/") ? path : path + "/") + name);
    }

    private static FileStatus directory(Path path) { return new FileStatus(0, true, 1, BLOCK_BYTES, 0, path); }

    private static FileStatus file(Path path, long length, long modified) {
        return new FileStatus(length, false, 1, BLOCK_BYTES, modified, path);
    }

    private String key(Path path) {
        String key = this.makeQualified(path).toUri().getPath();
        return key.startsWith("/") ? key.substring(1) : key;
    }

    private void move(String source, String target) throws IOException {
        String from = "/" + this.uri.getAuthority() + "/" + encode(source);
        this.request("PUT", target, "", new String[] {"x-amz-copy-source", from}, null);
        this.request("DELETE", source, "", null, null);
    }

    private List keysBelow(String prefix) throws IOException {
        List keys = new ArrayList();
        String token = null;
        do {
            Document page = this.list(prefix, null, token, 1000);
            NodeList objects = page.getElementsByTagName("Contents");
            for (int i = 0; i < objects.getLength(); i++) keys.add(text((Element) objects.item(i), "Key"));
            token = text(page.getDocumentElement(), "NextContinuationToken");
        } while (token != null);
        return keys;
    }

    private Document list(String prefix, String delimiter, String token, int limit) throws IOException {
        String query = "?list-type=2&encoding-type=url&max-keys=" + limit + "&prefix=" + encodeAll(prefix);
        if (delimiter != null) query += "&delimiter=" + encodeAll(delimiter);
        if (token != null) query += "&continuation-token=" + encodeAll(token);
        HttpURLConnection connection = this.connect("GET", "", query);
        if (connection.getResponseCode() == 404) throw new FileNotFoundException("No such bucket: " + this.uri);
        check(connection);
        InputStream body = connection.getInputStream();
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(body);
        } catch (Exception e) {
            throw new IOException("S3 answered what is no list of objects", e);
        } finally {
            body.close();
        }
    }

    /** The text of a child element, or null; names of objects come URL-encoded. */
    private static String text(Element element, String tag) throws IOException {
        NodeList found = element.getElementsByTagName(tag);
        if (found.getLength() == 0) return null;
        String text = found.item(0).getTextContent();
        boolean encoded = tag.equals("Key") || tag.equals("Prefix");
        return encoded ? java.net.URLDecoder.decode(text, "UTF-8") : text;
    }

    HttpURLConnection connect(String method, String key, String query) throws IOException {
        URL url = new URL(this.bucketUrl + "/" + encode(key) + query);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection(java.net.Proxy.NO_PROXY);
        connection.setRequestMethod(method);
        identify(connection);
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        return connection;
    }

    /** Calls in the name of the job's role, as its own code does: with the credentials of its environment. */
    private static void identify(HttpURLConnection connection) {
        String key = System.getenv("AWS_ACCESS_KEY_ID");
        String token = System.getenv("AWS_SESSION_TOKEN");
        if (key == null || token == null) return;
        String scope = key + "/20000101/" + System.getenv("AWS_REGION") + "/s3/aws4_request";
        String signature = ", SignedHeaders=host, Signature=0"; // the local cloud checks the token
        connection.setRequestProperty("Authorization", "AWS4-HMAC-SHA256 Credential=" + scope + signature);
        connection.setRequestProperty("X-Amz-Security-Token", token);
    }

    void request(String method, String key, String query, String[] header, File body) throws IOException {
        HttpURLConnection connection = this.connect(method, key, query);
        if (header != null) connection.setRequestProperty(header[0], header[1]);
        if (body != null) {
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length());
            OutputStream out = connection.getOutputStream();
            InputStream in = new FileInputStream(body);
            try { copy(in, out); } finally { in.close(); out.close(); }
        }
        check(connection);
        InputStream answer = connection.getInputStream();
        while (answer.read() >= 0) { /* to its end, so that the connection can be used again */ }
        answer.close();
    }

    static void check(HttpURLConnection connection) throws IOException {
        int code = connection.getResponseCode();
        if (code >= 300) {
            throw new IOException("S3 answered " + code + " to " + connection.getRequestMethod() + " "
                + connection.getURL());
        }
    }

    static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        int count;
        while ((count = in.read(buffer)) >= 0) out.write(buffer, 0, count);
    }

    /** Percent-encode a key for a URL's path: everything but unreserved characters and the slash. */
    static String encode(String key) throws IOException { return encodeAll(key).replace("%2F", "/"); }

    static String encodeAll(String text) throws IOException {
        return URLEncoder.encode(text, "UTF-8").replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** An object that is being read: one request per seek. */
    static class S3Input extends FSInputStream {
        private final S3FileSystem system;
        private final String key;
        private final long length;
        private long position;
        private InputStream stream;

        S3Input(S3FileSystem system, String key, long length) {
            this.system = system;
            this.key = key;
            this.length = length;
        }

        public long getPos() { return this.position; }

        public boolean seekToNewSource(long target) { return false; }

        public int available() { return (int) Math.min(Integer.MAX_VALUE, this.length - this.position); }

        public synchronized void seek(long target) throws IOException {
            if (target < 0 || target > this.length) throw new java.io.EOFException("Cannot seek to " + target);
            if (target == this.position) return;
            this.close();
            this.position = target;
        }

        public synchronized int read() throws IOException {
            byte[] one = new byte[1];
            int count = this.read(one, 0, 1);
            return count < 0 ? -1 : one[0] & 0xff;
        }

        public synchronized int read(byte[] buffer, int offset, int count) throws IOException {
            if (count == 0) return 0;
            if (this.position >= this.length) return -1;
            if (this.stream == null) {
                HttpURLConnection connection = this.system.connect("GET", this.key, "");
                connection.setRequestProperty("Range", "bytes=" + this.position + "-");
                S3FileSystem.check(connection);
                this.stream = connection.getInputStream();
            }
            int read = this.stream.read(buffer, offset, count);
            if (read > 0) this.position += read;
            return read;
        }

        public synchronized void close() throws IOException {
            if (this.stream != null) this.stream.close();
            this.stream = null;
        }
    }

    /** An object that is being written: to a local file first, to S3 when it is closed. */
    static class S3Output extends OutputStream {
        private final S3FileSystem system;
        private final String key;
        private final File file;
        private final OutputStream stream;
        private boolean closed;

        S3Output(S3FileSystem system, String key) throws IOException {
            this.system = system;
            this.key = key;
            this.file = File.createTempFile("s3-", ".part");
            this.stream = new BufferedOutputStream(new FileOutputStream(this.file), BUFFER_BYTES);
        }

        public void write(int value) throws IOException { this.stream.write(value); }

        public void write(byte[] buffer, int offset, int count) throws IOException {
            this.stream.write(buffer, offset, count);
        }

        public void flush() throws IOException { this.stream.flush(); }

        public void close() throws IOException {
            if (this.closed) return;
            this.closed = true;
            try {
                this.stream.close();
                this.system.request("PUT", this.key, "", null, this.file);
            } finally {
                this.file.delete();
            }
        }
    }
}
