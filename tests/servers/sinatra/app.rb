# frozen_string_literal: true

# The contract on Sinatra, Warden and ruby-jwt. It reads tokens as warden-jwt_auth does, and revokes them as
# devise-jwt's JTIMatcher does. FAULT switches on one of five mistakes; README.md lists them.

require 'bcrypt'
require 'json'
require 'jwt'
require 'securerandom'
require 'sinatra/base'
require 'time'
require 'warden'

FAULT = ENV.fetch('FAULT', nil)
SECRET = ENV.fetch('SECRET')
TOKEN_LIFE = 3600 # seconds
LARGEST_BODY = 64 * 1024 # bytes
BCRYPT_COST = BCrypt::Engine::MIN_COST # tests log in often

class User
  # The time of the answer does not tell whether the address is known.
  NOBODY = BCrypt::Password.create(SecureRandom.uuid, cost: BCRYPT_COST)

  attr_reader :id, :email, :password_digest, :jti

  def initialize(id, email, password)
    @id = id
    @email = email
    @password_digest = BCrypt::Password.create(password, cost: BCRYPT_COST)
    renew_jti
  end

  def self.all
    @all ||= ENV.fetch('USERS').split(',').map.with_index(1) { |entry, id| new(id, *entry.split(':', 2)) }
  end

  def self.authenticate(email, password)
    user = all.find { |each| each.email == email }
    raise "no user has the address #{email}" if user.nil? && FAULT == 'unknown-user-500'
    # bcrypt takes no NUL.
    return unless password.is_a?(String) && !password.include?("\0")

    digest = user ? user.password_digest : NOBODY
    user if digest == password
  end

  def renew_jti
    @jti = SecureRandom.uuid
  end
end

Warden::Strategies.add(:jwt) do
  def valid?
    !token.nil?
  end

  def store?
    false
  end

  def authenticate!
    payload = decode
    user = User.all.find { |each| each.id == payload['sub'] }
    return fail!('wrong scope') unless payload['scp'] == 'user'
    return fail!('nil user') unless user
    return fail!('revoked token') unless payload['jti'] == user.jti

    success!(user)
  rescue JWT::DecodeError => e
    fail!(e.message)
  end

  private

  def token
    method, token = env['HTTP_AUTHORIZATION']&.split
    token if method == 'Bearer'
  end

  def decode
    if FAULT == 'algorithm-of-the-token'
      algorithm = JWT.decode(token, nil, false)[1]['alg']
      return JWT.decode(token, SECRET, true, algorithm: algorithm)[0]
    end
    JWT.decode(token, SECRET, true, algorithm: 'HS256', verify_jti: true)[0]
  end
end

class SessionApi < Sinatra::Base
  set :default_content_type, :json
  set :show_exceptions, false
  set :raise_errors, false
  set :dump_errors, false

  use Warden::Manager do |manager|
    manager.default_strategies :jwt
    manager.intercept_401 = false # the 401 of log-in has words of its own
    manager.failure_app = lambda do |_env|
      body = SessionApi.error_body(401, 'Token invalid or expired')
      headers = { 'Content-Type' => 'application/json', 'WWW-Authenticate' => 'Bearer realm="PacerPro"' }
      [FAULT == 'errors-with-200' ? 200 : 401, headers, [body]]
    end
  end

  def self.error_body(status, message)
    { error: message, message: message, status: status, type: 'error' }.to_json
  end

  helpers do
    def problem(status, message)
      headers 'WWW-Authenticate' => 'Bearer realm="PacerPro"' if status == 401
      halt FAULT == 'errors-with-200' ? 200 : status, self.class.error_body(status, message)
    end

    def credentials
      unless request.media_type == 'application/json' || FAULT == 'any-content-type'
        problem 415, 'Unsupported Media Type'
      end
      problem 413, 'Content Too Large' if request.content_length.to_i > LARGEST_BODY
      body = JSON.parse(request.body.read)
      problem 400, 'The body is not a JSON object' unless body.is_a?(Hash)
      body.values_at('email', 'password')
    rescue JSON::ParserError
      problem 400, 'The body is not valid JSON'
    end

    def session_of(user)
      exp = Time.now.to_i + TOKEN_LIFE
      payload = { jti: user.jti, sub: user.id, exp: exp, scp: 'user' }
      cache_control :no_store
      { jwtToken: JWT.encode(payload, SECRET, 'HS256', typ: 'JWT'), expiresAt: Time.at(exp).utc.iso8601 }.to_json
    end

    def current_user
      env['warden'].authenticate!
    end
  end

  post '/session' do
    user = User.authenticate(*credentials)
    problem 401, 'Invalid email or password' unless user
    session_of user
  end

  get '/session' do
    session_of current_user
  end

  delete '/session' do
    user = current_user
    FAULT == 'log-out-of-everybody' ? User.all.each(&:renew_jti) : user.renew_jti
    {}.to_json
  end

  not_found do
    problem 404, 'Not Found'
  end

  # Sinatra itself cannot read the parameters.
  error Sinatra::BadRequest do
    problem 400, 'Bad Request'
  end

  error do
    problem 500, 'Internal Server Error'
  end
end
