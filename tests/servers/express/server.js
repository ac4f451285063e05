// The contract on Express and jsonwebtoken. FAULT switches on one of five mistakes; README.md lists them.
import { randomUUID } from 'node:crypto';
import bcrypt from 'bcryptjs';
import cors from 'cors';
import express from 'express';
import jwt from 'jsonwebtoken';

const { PORT = '3000', SECRET, USERS = '', FAULT } = process.env;
const TOKEN_LIFE = 3600; // seconds
const BCRYPT_ROUNDS = 4; // the fewest that bcrypt allows: tests log in often

const users = USERS.split(',').map((entry, index) => {
  const [email, ...password] = entry.split(':');
  const passwordHash = bcrypt.hashSync(password.join(':'), BCRYPT_ROUNDS);
  return { id: index + 1, email, passwordHash, jti: randomUUID() };
});
// Compared with when the address is unknown, so that the time of the answer does not tell.
const nobody = { passwordHash: bcrypt.hashSync(randomUUID(), BCRYPT_ROUNDS) };

class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function sendSession(res, user) {
  const exp = Math.floor(Date.now() / 1000) + TOKEN_LIFE;
  const jwtToken = jwt.sign({ jti: user.jti, sub: user.id, exp, scp: 'user' }, SECRET, { noTimestamp: true });
  const expiresAt = new Date(FAULT === 'expires-at-in-seconds' ? Date.now() + TOKEN_LIFE : exp * 1000);
  res.set('Cache-Control', 'no-store').json({ jwtToken, expiresAt: expiresAt.toISOString() });
}

function requireJson(req, res, next) {
  // req.is() does not tell a missing body from another media type.
  if (!/^application\/json *(;|$)/i.test(req.get('Content-Type') ?? '')) {
    throw new HttpError(415, 'Unsupported Media Type');
  }
  next();
}

function requireObject(req, res, next) {
  if (typeof req.body !== 'object' || req.body === null || Array.isArray(req.body)) {
    throw new HttpError(400, 'The body is not a JSON object');
  }
  next();
}

const parseJson = express.json({
  limit: '64kb',
  verify(req, res, buffer) {
    // express.json() reads an empty body as {}.
    if (buffer.length === 0) throw new HttpError(400, 'The body is not valid JSON');
  },
});

function authenticate(req, res, next) {
  const [scheme, token] = (req.get('Authorization') ?? '').split(' ');
  let claims;
  try {
    if (!/^bearer$/i.test(scheme)) throw new jwt.JsonWebTokenError('no bearer token');
    claims =
      FAULT === 'signature-not-verified'
        ? (jwt.decode(token) ?? {})
        : jwt.verify(token, SECRET, { algorithms: ['HS256'], clockTolerance: 5 });
  } catch {
    throw new HttpError(401, 'Token invalid or expired');
  }
  req.user = users.find((user) => user.id === claims.sub);
  if (req.user === undefined || req.user.jti !== claims.jti || claims.scp !== 'user') {
    throw new HttpError(401, 'Token invalid or expired');
  }
  next();
}

const router = express.Router();

router
  .route('/session')
  .post(requireJson, parseJson, requireObject, async (req, res) => {
    const { email, password } = req.body;
    if (FAULT === 'missing-credentials-400' && (!email || !password)) {
      throw new HttpError(400, 'email and password are required');
    }
    const user = users.find((each) => each.email === email);
    if (FAULT === 'unknown-user-message' && user === undefined) throw new HttpError(401, 'No such user');
    const { passwordHash } = user ?? nobody;
    const matches = typeof password === 'string' && (await bcrypt.compare(password, passwordHash));
    if (user === undefined || !matches) throw new HttpError(401, 'Invalid email or password');
    sendSession(res, user);
  })
  .get(authenticate, (req, res) => sendSession(res, req.user))
  .delete(authenticate, (req, res) => {
    if (FAULT !== 'log-out-does-nothing') req.user.jti = randomUUID();
    res.json({});
  });

const app = express();
app.disable('x-powered-by');
app.use(cors());
app.use('/v1', router);
app.use(() => {
  throw new HttpError(404, 'Not Found');
});
app.use((error, req, res, next) => {
  const status = error.status ?? 500;
  let { message } = error;
  if (status >= 500) message = 'Internal Server Error';
  // The parser's own message quotes the body.
  else if (error.type === 'entity.parse.failed') message = 'The body is not valid JSON';
  if (status === 401) res.set('WWW-Authenticate', 'Bearer realm="PacerPro"');
  res.status(status).json({ error: message, message, status, type: 'error' });
});

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${server.address().port}/v1`);
});
