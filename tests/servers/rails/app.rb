# frozen_string_literal: true

# The contract on Rails, with tokens as devise-jwt 0.13 makes them by default: a string `sub`, `iat`, an `aud` of null and
# a `jti` for each token. They are revoked as its Allowlist strategy does, for all of a user's tokens at once. FAULT
# switches on one of five mistakes; README.md lists them.

require 'logger'
require 'action_controller/railtie'
require 'active_support/all'
require 'bcrypt'
require 'jwt'

FAULT = ENV.fetch('FAULT', nil)

class App < Rails::Application
  def self.error_body(status, message)
    { error: message, message: message, status: status, type: 'error' }
  end

  config.api_only = true
  config.eager_load = true
  config.consider_all_requests_local = false
  config.secret_key_base = ENV.fetch('SECRET')
  config.logger = Logger.new(nil)
  config.exceptions_app = lambda do |env|
    status = env['PATH_INFO'].delete_prefix('/').to_i
    body = error_body(status, Rack::Utils::HTTP_STATUS_CODES.fetch(status, 'Error')).to_json
    [status, { 'Content-Type' => 'application/json; charset=utf-8' }, [body]]
  end
  config.action_dispatch.rescue_responses['ActionDispatch::Http::MimeNegotiation::InvalidType'] = :unsupported_media_type

  routes.append do
    scope '/v1' do
      resource :session, only: %i[create show destroy]
    end
  end
end

class User
  # As devise does: in config/environments/test.rb `stretches` is 1.
  COST = BCrypt::Engine::MIN_COST
  # The time of the answer does not tell whether the address is known.
  NOBODY = BCrypt::Password.create(SecureRandom.uuid, cost: COST)

  attr_reader :id, :email, :encrypted_password, :allowlisted_jwts

  def initialize(id, email, password)
    @id = id
    @email = email
    @encrypted_password = BCrypt::Password.create(password, cost: COST)
    @allowlisted_jwts = Concurrent::Map.new
  end

  def self.all
    @all ||= ENV.fetch('USERS').split(',').map.with_index(1) { |entry, id| new(id, *entry.split(':', 2)) }
  end

  # devise's `case_insensitive_keys` and `strip_whitespace_keys` are the address, unless told otherwise.
  def self.find_for_authentication(email)
    all.find { |user| user.email.downcase == email.downcase.strip } if email.is_a?(String)
  end

  def self.find_for_jwt_authentication(sub)
    all.find { |user| user.id.to_s == sub }
  end

  def self.authenticate(email, password)
    user = find_for_authentication(email)
    return user if user && password.blank? && FAULT == 'blank-password'
    # bcrypt takes no NUL.
    return unless password.is_a?(String) && !password.include?("\0")

    digest = user ? user.encrypted_password : NOBODY
    user if digest == password
  end

  def on_jwt_dispatch(payload)
    now = Time.now.to_i
    allowlisted_jwts.each_pair { |jti, exp| allowlisted_jwts.delete(jti) if exp < now }
    allowlisted_jwts[payload['jti']] = payload['exp']
  end

  def jwt_revoked?(payload)
    !allowlisted_jwts.key?(payload['jti'])
  end

  def revoke_jwt(payload)
    allowlisted_jwts.delete(payload['jti'])
  end

  def revoke_all_jwts
    allowlisted_jwts.clear
  end
end

module Tokens
  LIFE = 1.hour

  def self.encode(user)
    now = Time.now.to_i
    payload = { 'sub' => String(user.id), 'scp' => 'user', 'aud' => nil, 'iat' => now, 'exp' => now + LIFE.to_i,
                'jti' => SecureRandom.uuid }
    user.on_jwt_dispatch(payload)
    [JWT.encode(payload, ENV.fetch('SECRET'), 'HS256'), payload]
  end

  # The user of a live token, and its claims. Raises JWT::DecodeError.
  def self.decode(token)
    payload = JWT.decode(token, ENV.fetch('SECRET'), true, algorithm: 'HS256', verify_jti: true)[0]
    raise JWT::DecodeError, 'wrong scope' unless payload['scp'] == 'user'
    raise JWT::DecodeError, 'wrong aud' unless payload['aud'].nil?

    user = User.find_for_jwt_authentication(payload['sub'])
    raise JWT::DecodeError, 'nil user' unless user
    raise JWT::DecodeError, 'revoked token' if user.jwt_revoked?(payload)

    [user, payload]
  end
end

class ApplicationController < ActionController::API
  private

  def render_error(status, message)
    response.headers['WWW-Authenticate'] = 'Bearer realm="PacerPro"' if status == 401
    return render plain: message, status: status if FAULT == 'plain-text-401' && status == 401

    render json: App.error_body(status, message), status: status
  end
end

class SessionsController < ApplicationController
  LARGEST_BODY = 64.kilobytes

  # Parameters stand at the top of the body, as the contract has them, and not below a key `session`.
  wrap_parameters false
  before_action :check_body, only: :create
  before_action :authenticate_user!, only: %i[show destroy]

  def create
    user = User.authenticate(*request.request_parameters.values_at('email', 'password'))
    return render_error(401, 'Invalid email or password') unless user

    render_session(user)
  end

  def show
    render_session(@user)
  end

  def destroy
    # devise-jwt's own Allowlist deletes the one token.
    FAULT == 'log-out-ends-one-token' ? @user.revoke_jwt(@payload) : @user.revoke_all_jwts
    render json: {}
  end

  private

  def check_body
    return render_error(415, 'Unsupported Media Type') unless request.media_type == 'application/json'
    return render_error(413, 'Content Too Large') if request.content_length.to_i > LARGEST_BODY

    render_error(400, 'The body is not a JSON object') unless JSON.parse(request.raw_post).is_a?(Hash)
  rescue JSON::ParserError
    # Rails reads an empty body as no parameters.
    render_error(400, 'The body is not valid JSON')
  end

  def authenticate_user!
    @user, @payload = Tokens.decode(bearer_token)
  rescue JWT::DecodeError
    render_error(401, 'Token invalid or expired')
  end

  def bearer_token
    method, token = request.authorization&.split
    return token if method == 'Bearer'

    params[:token] if FAULT == 'token-in-params'
  end

  def render_session(user)
    token, payload = Tokens.encode(user)
    expires_at = Time.at(payload['exp']).utc
    response.headers['Cache-Control'] = 'no-store'
    render json: { jwtToken: token, expiresAt: FAULT == 'expires-at-of-to-s' ? expires_at.to_s : expires_at.iso8601 }
  end
end

App.initialize!
